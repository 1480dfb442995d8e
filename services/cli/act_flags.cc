#include "services/cli/act_flags.h"

#include <unistd.h>

#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/cli/file_text.h"
#include "services/cli/state_flag.h"
#include "services/cli/table.h"
#include "services/cli/time_flags.h"

namespace snapledger::cli {
namespace {

bool Confirmed(std::string_view deed, int64_t event_count) {
  std::cerr << deed << ' ' << Grouped(event_count) << " events? [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  answer = absl::AsciiStrToLower(absl::StripAsciiWhitespace(answer));
  return answer == "y" || answer == "yes";
}

bool CanAsk(const std::string& ids_file) {
  return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 && ids_file != "-";
}

}  // namespace

void ActFlags::AddTo(CLI::App& command, const std::string& default_states) {
  command.add_option("--destination", destination_, "Snap Pixel ID or Snap App ID")->required();
  command.add_option("--event-id", event_ids_, "only this event [all]");
  command
      .add_option("--ids-file", ids_file_,
                  "only the events of these ids, one a line; - reads standard input [all]")
      ->type_name("FILE");
  AddStateFlag(command, &states_, "only events in these states [" + default_states + "]");
  command.add_option("--event-name", event_names_, "only these, Snap's spelling [all]");
  command.add_option("--since", since_,
                     "received from here on: a time such as 2026-11-23T00:00:00Z or an age such as "
                     "7d [the beginning]");
  command.add_option("--until", until_, "received before here, likewise [now]");
  command.add_option("--reason", reason_, "why, kept with every event [none]");
  command.add_flag("--dry-run", dry_run_, "only count");
  command.add_flag("-y,--yes", yes_, "do not ask");
  AddOutputFlag(command, &output_);
}

absl::StatusOr<v1::EventSelection> ActFlags::Selection() const {
  v1::EventSelection selection;
  selection.set_destination(destination_);
  for (const std::string& id : event_ids_) selection.add_event_ids(id);
  if (!ids_file_.empty()) SNAPLEDGER_RETURN_IF_ERROR(ReadIdsFile(&selection));
  for (const v1::DeliveryState state : states_) selection.add_states(state);
  for (const std::string& name : event_names_) selection.add_event_names(name);
  if (!since_.empty() || !until_.empty()) {
    SNAPLEDGER_RETURN_IF_ERROR(
        ReadTimeRange(since_, until_, absl::Now(), selection.mutable_received()));
  }
  return selection;
}

absl::Status ActFlags::ReadIdsFile(v1::EventSelection* selection) const {
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::string text, ReadFileText(ids_file_));
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const absl::string_view id = absl::StripSuffix(line, "\r");
    if (!id.empty()) selection->add_event_ids(std::string(id));
  }
  // An empty file means no event; a selection without ids would mean all of them.
  if (selection->event_ids().empty()) {
    return absl::InvalidArgumentError("the file of --ids-file holds no id");
  }
  return absl::OkStatus();
}

int ActFlags::Run(std::string_view deed,
                  const std::function<absl::StatusOr<int64_t>(bool dry_run)>& call,
                  const std::function<void()>& print) const {
  if (!dry_run_ && !yes_) {
    if (!CanAsk(ids_file_)) {
      std::cerr << "snapledger: there is no terminal to ask on: give --yes, or --dry-run to count "
                   "only\n";
      return kUsageError;
    }
    const absl::StatusOr<int64_t> counted = call(/*dry_run=*/true);
    if (!counted.ok()) return PrintError(counted.status());
    if (*counted > 0 && !Confirmed(deed, *counted)) {
      std::cerr << "Nothing was changed.\n";
      return kFailed;
    }
  }
  const absl::StatusOr<int64_t> done = call(dry_run_);
  if (!done.ok()) return PrintError(done.status());
  print();
  return kDone;
}

}  // namespace snapledger::cli
