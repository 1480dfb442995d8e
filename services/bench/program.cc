#include "services/bench/program.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "services/bench/interruption.h"
#include "services/bench/options.h"
#include "services/bench/payload_corpus.h"
#include "services/bench/report.h"
#include "services/bench/run.h"

namespace snapledger::bench {
namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kUsageError = 2;
constexpr int kEventsPerCallMax = 2000;
constexpr int kConcurrencyMax = 4000;
constexpr int kRoundsMax = 10;

constexpr char kFooter[] = R"(
Each run makes a database of its own on the cluster --database names (a temporary one without it)
and starts the real `snapledger serve`, a client in this process and an HTTPS sink in Snap's place.
It prints a JSON object a round; docs/performance.md says what its members mean. All settings are
durable: a database with fsync, full_page_writes or synchronous_commit off is refused.

Exit codes: 0 done, 1 the measurement failed, 2 usage, configuration or a database not durable.

Examples:
  snapledger-bench end-to-end --events 200000
  snapledger-bench ingest-unary --concurrency 1 --events 2000 --noop
  snapledger-bench drain --events 200000 --events-per-call 50 --database embedded:/var/tmp/ledger
  snapledger-bench ingest-batch --emit-payloads events.jsonl --events 10000)";

// A subcommand, and what it does where nothing else is said.
struct Kind {
  Workload workload;
  const char* name;
  const char* help;
  int64_t events;
  int concurrency;
  int events_per_call;  // 0: not asked
  int64_t history;
};
constexpr Kind kKinds[] = {
    {Workload::kIngestUnary, "ingest-unary", "RecordEvents with one event a call", 50'000, 256, 1,
     0},
    {Workload::kIngestBatch, "ingest-batch", "RecordEvents with many events a call", 200'000, 16,
     100, 0},
    {Workload::kIngestStream, "ingest-stream", "StreamEvents, at most eight messages a stream",
     200'000, 16, 100, 0},
    {Workload::kDrain, "drain", "deliver a backlog, recorded one call at a time, over TLS", 100'000,
     1, 100, 0},
    {Workload::kEndToEnd, "end-to-end", "record events and deliver them over TLS", 200'000, 16, 100,
     0},
    {Workload::kStatusQueries, "status-queries", "GetEvent of events of the history", 20'000, 16, 0,
     50'000},
    {Workload::kMatchRateQueries, "match-rate-queries",
     "GetMatchRates of a day, by hour and identifier", 2'000, 4, 0, 50'000},
};

bool IsQuery(Workload workload) {
  return workload == Workload::kStatusQueries || workload == Workload::kMatchRateQueries;
}

bool IsIntake(Workload workload) {
  return workload == Workload::kIngestUnary || workload == Workload::kIngestBatch ||
         workload == Workload::kIngestStream;
}

// What only some workloads take.
void AddOptionsOfKind(CLI::App& command, const Kind& kind, Options* options) {
  if (IsIntake(kind.workload)) {
    command
        .add_option("--rounds", options->rounds,
                    "measure so often, each time other events, on the ledger that is there then")
        ->check(CLI::Range(1, kRoundsMax))
        ->capture_default_str();
  }
  if (kind.workload == Workload::kEndToEnd) {
    command
        .add_option("--rate", options->rate, "events a second, steadily, instead of all at once")
        ->check(CLI::PositiveNumber);
  }
  if (kind.workload == Workload::kDrain) {
    command.add_flag("--held-snapshot", options->held_snapshot,
                     "while a transaction that reads stays open, as an analyst's may");
  }
  if (IsQuery(kind.workload)) {
    command.add_flag("--under-load", options->under_load,
                     "ask while 16 calls of 100 events are being recorded and delivered");
  }
}

void AddOptions(CLI::App& command, const Kind& kind, Options* options) {
  options->workload = kind.workload;
  options->name = kind.name;
  options->events = kind.events;
  options->concurrency = kind.concurrency;
  options->events_per_call = kind.events_per_call;
  options->history = kind.history;
  command.add_option("--database", options->database,
                     "postgresql://… of a role that may create databases, or embedded:DIR");
  command.add_option("--events", options->events, "how many are measured")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000'000}))
      ->capture_default_str();
  command.add_option("--concurrency", options->concurrency, "calls or messages in flight")
      ->check(CLI::Range(1, kConcurrencyMax))
      ->capture_default_str();
  command
      .add_option("--events-per-call", options->events_per_call, "events of a call or a message")
      ->check(CLI::Range(kind.workload == Workload::kIngestUnary ? 1 : 0,
                         kind.workload == Workload::kIngestUnary ? 1 : kEventsPerCallMax))
      ->capture_default_str();
  command.add_option("--payload", options->payload, "the events' kind")
      ->check(CLI::IsMember({"realistic"}))
      ->capture_default_str();
  command.add_option("--backlog", options->backlog, "events recorded beforehand, not delivered")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--history", options->history, "events recorded and delivered beforehand")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--seed", options->seed, "the same seed gives the same events")
      ->capture_default_str();
  command.add_flag("--noop", options->noop,
                   "also measure an empty call on the same server, and a flush of the disk");
  AddOptionsOfKind(command, kind, options);
  command
      .add_option("--emit-payloads", options->emit_payloads,
                  "write the events as Snap gets them, a JSON object a line, and measure nothing")
      ->type_name("FILE");
  command
      .add_option("--service", options->service_program,
                  "the program measured [snapledger beside this one]")
      ->type_name("FILE");
}

absl::Status CheckOptions(const Options& options) {
  const bool query = IsQuery(options.workload);
  if (!query && options.events_per_call == 0) {
    return absl::InvalidArgumentError("--events-per-call must be at least 1");
  }
  if (!query && options.events % options.events_per_call != 0) {
    return absl::InvalidArgumentError("--events must be a multiple of --events-per-call");
  }
  if (query && options.history == 0) {
    return absl::InvalidArgumentError("--history: without events there is nothing to ask for");
  }
  if (options.backlog > 0 && (options.workload == Workload::kEndToEnd || options.under_load)) {
    return absl::InvalidArgumentError(
        "--backlog: a run that delivers would deliver it too; measure it with drain");
  }
  if (!std::filesystem::exists(options.service_program)) {
    return absl::InvalidArgumentError("--service: there is no " + options.service_program);
  }
  return absl::OkStatus();
}

int Complain(const absl::Status& status) {
  std::cerr << "snapledger-bench: " << status.message() << '\n';
  const bool usage = absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status);
  return usage ? kUsageError : kFailed;
}

int Measure(Options options) {
  if (!options.emit_payloads.empty()) {
    const absl::Status written = PayloadCorpus(options.seed, absl::Now())
                                     .WriteSnapEvents(options.emit_payloads, options.events);
    return written.ok() ? kDone : Complain(written);
  }
  if (options.service_program.empty()) {
    options.service_program =
        std::filesystem::canonical("/proc/self/exe").parent_path() / "snapledger";
  }
  if (const absl::Status usable = CheckOptions(options); !usable.ok()) return Complain(usable);
  CatchInterruption();
  const absl::Status measured = Run(options, [&options](const Report& report) {
    std::cout << ToJson(options, report) << std::endl;
  });
  return measured.ok() ? kDone : Complain(measured);
}

// The macro returns CLI11's own exit codes.
int Parse(CLI::App& program, int argc, char** argv) {
  CLI11_PARSE(program, argc, argv);
  return kDone;
}

}  // namespace

int RunProgram(int argc, char** argv) {
  CLI::App program("What Snapledger does on this machine, and what it costs", "snapledger-bench");
  program.require_subcommand(1);
  program.footer(kFooter);
  std::vector<std::unique_ptr<Options>> options;
  const Options* chosen = nullptr;
  for (const Kind& kind : kKinds) {
    CLI::App* const command = program.add_subcommand(kind.name, kind.help);
    options.push_back(std::make_unique<Options>());
    AddOptions(*command, kind, options.back().get());
    command->callback([&chosen, of_kind = options.back().get()] { chosen = of_kind; });
  }
  if (Parse(program, argc, argv) != kDone) return kUsageError;
  return chosen == nullptr ? kDone : Measure(*chosen);
}

}  // namespace snapledger::bench
