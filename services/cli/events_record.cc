#include <atomic>
#include <deque>
#include <future>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/cli/command.h"
#include "services/cli/event_file.h"
#include "services/cli/event_lines.h"
#include "services/cli/patient_call.h"
#include "services/cli/terminal.h"
#include "services/cli/time_flags.h"
#include "services/cli/verdict_view.h"

namespace snapledger::cli {
namespace {

constexpr int kEventsPerCallMax = 500;
constexpr size_t kBytesPerCallMax = size_t{4} << 20;
constexpr int kCallsInFlightDefault = 4;

constexpr char kFooter[] = R"(
Each line is one ConversionEvent as proto3 JSON, for example
  {"eventId":"order-1001","standardEvent":"STANDARD_EVENT_PURCHASE",
   "eventTime":"2026-11-23T10:00:00Z","actionSource":"ACTION_SOURCE_WEB",
   "eventSourceUrl":"https://shop.example/thanks","userData":{"email":[{"raw":"a@b.example"}]},
   "customData":{"currency":"USD","value":"12.50","orderId":"1001"}}
on one line. Without FILE, or with -, events are read from standard input.

Prints a verdict a line, in the order of the lines, and a summary on standard error. Repeating a
file is safe: what is recorded already is DUPLICATE. Exits 0 where every event was accepted,
suppressed or recorded before, and 1 where one was rejected, in conflict, unreadable or could not be
sent.

Examples:
  snapledger events record --destination PIXEL_ID events.jsonl --insecure
  produce-events | snapledger events record --destination PIXEL_ID -o json --insecure)";

struct Options {
  std::string destination, path = "-", patience = "60s";
  int in_flight = kCallsInFlightDefault;
  OutputForm output = OutputForm::kTable;
};

// Lines that were read together, and what the service said of those that are events.
struct Batch {
  std::vector<EventLine> lines;
  int64_t bytes_read = 0;  // of the file, up to the end of this batch
  absl::Status status;
  v1::RecordEventsResponse response;
};

class Recorder {
 public:
  Recorder(const Options& options, absl::Duration patience, EventFile& file, ApiClient& client)
      : options_(options),
        patience_(patience),
        client_(client),
        reader_(file.stream()),
        printer_(options.output),
        progress_(file.size_bytes()) {}

  int Run() {
    const absl::Time begin = absl::Now();
    std::deque<std::future<Batch>> in_flight;
    while (true) {
      Batch batch = ReadBatch();
      if (batch.lines.empty()) break;
      in_flight.push_back(
          std::async(std::launch::async, [this, batch = std::move(batch)]() mutable {
            Send(&batch);
            return std::move(batch);
          }));
      if (static_cast<int>(in_flight.size()) >= options_.in_flight) Settle(&in_flight);
    }
    while (!in_flight.empty()) Settle(&in_flight);
    progress_.Hide();
    std::cout << std::flush;
    std::cerr << printer_.Summary()
              << absl::StrFormat(" in %.1f s\n", absl::ToDoubleSeconds(absl::Now() - begin));
    return printer_.all_well() ? kDone : kFailed;
  }

 private:
  Batch ReadBatch() {
    Batch batch;
    batch.lines = reader_.Next(kEventsPerCallMax, kBytesPerCallMax);
    batch.bytes_read = reader_.bytes_read();
    return batch;
  }

  void Send(Batch* batch) {
    v1::RecordEventsRequest request;
    request.set_destination(options_.destination);
    for (EventLine& line : batch->lines) {
      if (line.status.ok()) *request.add_events() = line.event;
    }
    if (request.events_size() == 0) return;
    batch->status = CallPatiently(
        [&] {
          batch->response.Clear();
          return client_.Call(request, &batch->response);
        },
        given_up_ ? absl::ZeroDuration() : patience_, absl::SleepFor);
    // Once a call ran out of patience the others would only wait as long for the same answer.
    if (!batch->status.ok()) given_up_ = true;
  }

  // Prints what became of the oldest batch under way.
  void Settle(std::deque<std::future<Batch>>* in_flight) {
    const Batch batch = in_flight->front().get();
    in_flight->pop_front();
    progress_.Hide();
    int next_verdict = 0;
    for (const EventLine& line : batch.lines) {
      if (!line.status.ok()) {
        printer_.PrintFailure(line.number, "", line.status);
      } else if (!batch.status.ok()) {
        printer_.PrintFailure(line.number, line.event.event_id(), batch.status);
      } else if (next_verdict < batch.response.verdicts_size()) {
        printer_.Print(line.number, batch.response.verdicts(next_verdict++));
      }
    }
    progress_.Update(batch.bytes_read, printer_.count());
  }

  const Options& options_;
  const absl::Duration patience_;
  ApiClient& client_;
  EventLineReader reader_;
  VerdictPrinter printer_;
  ProgressBar progress_;
  std::atomic<bool> given_up_{false};
};

int Run(const Options& options, ApiClient& client) {
  const absl::StatusOr<absl::Duration> patience = ParseDuration(options.patience);
  const auto file = EventFile::Open(options.path);
  for (const absl::Status& status : {patience.status(), file.status()}) {
    if (status.ok()) continue;
    PrintError(status);
    return kUsageError;
  }
  return Recorder(options, *patience, **file, client).Run();
}

}  // namespace

void AddEventsRecord(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command = parent.add_subcommand("record", "Record events from lines of JSON");
  const auto options = std::make_shared<Options>();
  command->add_option("--destination", options->destination, "Snap Pixel ID or Snap App ID")
      ->type_name("ID")
      ->required();
  command->add_option("FILE", options->path, "events, one a line; - is standard input [-]");
  command->add_option("--in-flight", options->in_flight, "calls under way at once, 1 to 64 [4]")
      ->check(CLI::Range(1, 64));
  command
      ->add_option("--retry-for", options->patience,
                   "how long a call is repeated while the service cannot take it [60s]")
      ->type_name("DURATION");
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
