#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/base/error_details.h"
#include "services/cli/command.h"
#include "services/cli/file_text.h"
#include "services/cli/json_output.h"
#include "services/cli/state_flag.h"
#include "services/cli/stop_request.h"
#include "services/cli/table.h"
#include "services/cli/terminal.h"
#include "services/cli/time_flags.h"

namespace snapledger::cli {
namespace {

constexpr char kStatePrefix[] = "DELIVERY_STATE_";
constexpr absl::Duration kRetryDelayMin = absl::Milliseconds(200);
constexpr absl::Duration kRetryDelayMax = absl::Seconds(5);
// How often it is looked whether the command is to end.
constexpr absl::Duration kGuardInterval = absl::Milliseconds(100);

constexpr char kFooter[] = R"(
Prints one line a change, from now on, until SIGINT or SIGTERM ends it. Where the service goes away
it waits and goes on by itself; a change may then be printed twice, and none is left out.

--resume-token FILE keeps the place: it is read at the start where it exists, and replaced in one
step after what was printed, so that a watch that ended goes on where it was. A token is good for
the same destination and states, for 7 days.

Examples:
  snapledger events watch --destination PIXEL_ID --insecure
  snapledger events watch --destination PIXEL_ID --state REJECTED --state EXPIRED_IN_DOUBT \
      --resume-token rejected.token -o json --insecure >> rejected.jsonl)";

struct Options {
  std::string destination, token_file, until_idle;
  std::vector<v1::DeliveryState> states;
  OutputForm output = OutputForm::kTable;
};

std::string StateName(v1::DeliveryState state) {
  if (state == v1::DELIVERY_STATE_UNSPECIFIED) return "-";
  return ShortName(v1::DeliveryState_Name(state), kStatePrefix);
}

void Print(const v1::WatchEventsResponse& message, OutputForm output) {
  if (output == OutputForm::kJson) {
    std::cout << JsonOf(message, /*indented=*/false) << '\n';
    return;
  }
  const v1::Transition& transition = message.transition();
  const std::string state = absl::StrFormat("%-16s", StateName(transition.to_state()));
  std::cout << absl::StrFormat(
      "%s  %-9s -> %s  %s  %s  %s (%s)\n", TimeText(true, transition.time().seconds()),
      StateName(transition.from_state()), ColouredState(state, StandardOutput()),
      Printable(message.event().event_id()), message.event().event_name(), transition.reason(),
      transition.actor());
}

// Replaces the file in one step.
absl::Status WriteToken(const std::string& path, const std::string& token) {
  const std::string fresh = path + ".new";
  std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
  file << token << std::flush;
  std::error_code error;
  if (file) std::filesystem::rename(fresh, path, error);
  if (file && !error) return absl::OkStatus();
  return absl::UnknownError("cannot write the file " + path);
}

// A process that ends may cancel its calls before it can say why.
bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status) ||
         absl::IsCancelled(status);
}

class Watcher {
 public:
  Watcher(const Options& options, absl::Duration idle_max, ApiClient& client)
      : options_(options), idle_max_(idle_max), client_(client) {
    request_.set_destination(options.destination);
    for (const v1::DeliveryState state : options.states) request_.add_states(state);
    request_.set_report_progress(true);
  }

  int Run() {
    if (!options_.token_file.empty() && std::filesystem::exists(options_.token_file)) {
      const absl::StatusOr<std::string> token = ReadFileText(options_.token_file);
      if (!token.ok()) return PrintError(token.status());
      request_.set_resume_token(*token);
    }
    absl::Duration own_delay = kRetryDelayMin;
    while (true) {
      const std::string token_before = request_.resume_token();
      const absl::Status status = WatchOnce();
      if (ended_) return kDone;
      if (!MayPass(status)) return PrintError(status);
      if (request_.resume_token() != token_before) own_delay = kRetryDelayMin;
      const absl::Duration asked =
          base::GetErrorDetails(status).retry_delay.value_or(absl::ZeroDuration());
      std::cerr << "snapledger: the watch was cut off, going on: " << status.message() << '\n';
      if (stop_.Await(std::max(asked, own_delay))) return kDone;
      own_delay = std::min(own_delay * 2, kRetryDelayMax);
    }
  }

 private:
  absl::Status WatchOnce() {
    const std::unique_ptr<WatchCall> call = client_.Watch(request_);
    std::atomic<bool> over{false};
    last_change_nanos_ = absl::GetCurrentTimeNanos();
    std::thread guard([&] { Guard(*call, over); });
    absl::Status failed;
    v1::WatchEventsResponse message;
    while (failed.ok() && call->Read(&message)) failed = Take(message);
    if (!failed.ok()) call->Cancel();
    const absl::Status status = call->Finish();
    over = true;
    guard.join();
    return failed.ok() ? status : failed;
  }

  // Ends the call where the command is to end, or nothing changed for long.
  void Guard(WatchCall& call, const std::atomic<bool>& over) {
    while (!over) {
      const bool stopped = stop_.Await(kGuardInterval);
      const bool idle =
          absl::Nanoseconds(absl::GetCurrentTimeNanos() - last_change_nanos_) >= idle_max_;
      if (!stopped && !idle) continue;
      ended_ = true;
      call.Cancel();
      return;
    }
  }

  absl::Status Take(const v1::WatchEventsResponse& message) {
    if (message.has_event()) {
      last_change_nanos_ = absl::GetCurrentTimeNanos();
      Print(message, options_.output);
      // What was not printed must be given again.
      if (!std::cout.flush()) return absl::UnknownError("cannot write to standard output");
    }
    if (message.resume_token() == request_.resume_token()) return absl::OkStatus();
    request_.set_resume_token(message.resume_token());
    if (options_.token_file.empty()) return absl::OkStatus();
    return WriteToken(options_.token_file, message.resume_token());
  }

  const Options& options_;
  const absl::Duration idle_max_;
  ApiClient& client_;
  const StopRequest stop_;
  v1::WatchEventsRequest request_;
  std::atomic<int64_t> last_change_nanos_{0};
  std::atomic<bool> ended_{false};
};

int Run(const Options& options, ApiClient& client) {
  absl::Duration idle_max = absl::InfiniteDuration();
  if (!options.until_idle.empty()) {
    const absl::StatusOr<absl::Duration> given = ParseDuration(options.until_idle);
    if (!given.ok()) {
      PrintError(given.status());
      return kUsageError;
    }
    idle_max = *given;
  }
  return Watcher(options, idle_max, client).Run();
}

}  // namespace

void AddEventsWatch(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command = parent.add_subcommand("watch", "Print changes of state as they happen");
  const auto options = std::make_shared<Options>();
  command->add_option("--destination", options->destination, "Snap Pixel ID or Snap App ID")
      ->required();
  AddStateFlag(*command, &options->states, "only changes into these states [all]");
  command
      ->add_option("--resume-token", options->token_file,
                   "keeps where the watch is, so that the next one goes on there [none]")
      ->type_name("FILE");
  command
      ->add_option("--until-idle", options->until_idle,
                   "end once nothing changed for so long, e.g. 30s [never]")
      ->type_name("DURATION");
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
