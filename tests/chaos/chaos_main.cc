// Runs the real programs under faults, then checks every invariant of the ledger:
//   chaos --seed N --events N --faults N [--least-kinds N] [--minutes M] [--kinds a,b,…] --folder
//   DIR [--keep]
// Ends with 1 where an invariant is broken, the backlog does not drain in time, or the run does not
// get as far as it was told.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/base/log.h"
#include "services/bench/interruption.h"
#include "services/cli/table.h"
#include "services/cli/terminal.h"
#include "tests/chaos/campaign.h"
#include "tests/chaos/report.h"
#include "tests/chaos/stage.h"
#include "tests/support/running_program.h"

namespace snapledger::chaos {
namespace {

// What a run that lags behind may take besides, in times of its planned length.
constexpr double kPatience = 1.5;
constexpr absl::Duration kDrainMax = absl::Minutes(4);
constexpr absl::Duration kStopMax = absl::Seconds(60);
constexpr absl::Duration kCheckMax = absl::Minutes(30);
constexpr absl::Duration kLookEvery = absl::Milliseconds(200);
constexpr int64_t kProgressSteps = 1000;
// The load keeps a little ahead of the plan, for what faults hold up.
constexpr double kAhead = 1.1;

struct Options {
  uint64_t seed = 1;
  int64_t events = 50'000;
  int faults = 40;
  int kinds_min = 1;
  double minutes = 0;
  std::vector<std::string> kinds;
  std::string folder;
  bool keep = false;
  int services = 3;
  int callers = 8;
};

std::vector<FaultKind> AllKinds(const Database& database) {
  std::vector<FaultKind> all;
  for (auto& some : {ServiceFaults(), NetworkFaults(), DatabaseFaults(database), SnapFaults(),
                     OperatorFaults()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

// Throws std::runtime_error for a name that no kind has.
std::vector<FaultKind> Chosen(std::vector<FaultKind> all, const std::vector<std::string>& names) {
  if (names.empty()) return all;
  std::set<std::string> wanted(names.begin(), names.end());
  std::vector<FaultKind> chosen;
  for (FaultKind& kind : all) {
    if (wanted.erase(kind.name) > 0) chosen.push_back(std::move(kind));
  }
  if (!wanted.empty()) {
    throw std::runtime_error(
        absl::StrCat("no such fault: ", *wanted.begin(), "; there are ",
                     absl::StrJoin(all, ", ", [](std::string* out, const FaultKind& kind) {
                       absl::StrAppend(out, kind.name);
                     })));
  }
  return chosen;
}

double Share(int64_t done, int64_t of) {
  return of <= 0 ? 1 : static_cast<double>(done) / static_cast<double>(of);
}

class Run {
 public:
  explicit Run(const Options& options)
      : options_(options),
        duration_(absl::Minutes(options.minutes > 0
                                    ? options.minutes
                                    : std::max(1.0, static_cast<double>(options.events) / 40'000))),
        stage_({.folder = options.folder,
                .program_folder = std::filesystem::read_symlink("/proc/self/exe").parent_path(),
                .seed = options.seed,
                .events = options.events,
                .events_per_second =
                    kAhead * static_cast<double>(options.events) / absl::ToDoubleSeconds(duration_),
                .services = options.services,
                .callers = options.callers}),
        kinds_(Chosen(AllKinds(stage_.database()), options.kinds)) {}

  // True where all is well.
  bool Go() {
    const bool got_there = InflictFaults();
    const absl::Time quiet = absl::Now();
    const bool answered = stage_.load().Stop(kDrainMax);
    const bool drained = stage_.monitor().AwaitDrained(kDrainMax);
    const absl::Duration drain_time = absl::Now() - quiet;
    StopServices();
    PrintCounts(drained, drain_time);
    if (!got_there) std::cout << "the run did not get as far as it was told\n";
    if (!answered) std::cout << "calls were not answered after the faults\n";
    for (const std::string& problem : stage_.problems())
      std::cout << "problem: " << problem << "\n";
    const bool well = Check() && got_there && answered && drained && stage_.problems().empty();
    if (options_.keep || !well) stage_.database().Keep();
    return well;
  }

 private:
  bool InflictFaults() {
    Campaign campaign(stage_, kinds_,
                      {.seed = options_.seed, .faults = options_.faults, .duration = duration_});
    cli::ProgressBar progress(kProgressSteps);
    const absl::Time end = absl::Now() + (1 + kPatience) * duration_ + absl::Minutes(1);
    bool got_there = false;
    while (!got_there && absl::Now() < end && !bench::Interrupted()) {
      stage_.Wait(kLookEvery);
      const int64_t acknowledged = stage_.load().counts().acknowledged;
      const double share = std::min({1.0, Share(acknowledged, options_.events),
                                     Share(campaign.inflicted(), options_.faults),
                                     Share(KindCount(campaign.tallies()), options_.kinds_min)});
      progress.Update(static_cast<int64_t>(share * kProgressSteps), acknowledged);
      got_there = share >= 1;
    }
    campaign.End();
    tallies_ = campaign.tallies();
    return got_there;
  }

  void StopServices() {
    for (const auto& service : stage_.services()) {
      const std::optional<int> exit_code = service->Stop(kStopMax);
      if (exit_code == 0) continue;
      stage_.NoteProblem(absl::StrCat(service->name(), " did not end in order: exit code ",
                                      exit_code.value_or(-1)));
    }
  }

  void PrintCounts(bool drained, absl::Duration drain_time) {
    const LoadClient::Counts load = stage_.load().counts();
    const Monitor::View view = stage_.monitor().view();
    std::cout << FaultTable(kinds_, tallies_) << "\nseed " << options_.seed << ": "
              << cli::Grouped(load.acknowledged) << " events acknowledged in "
              << cli::Grouped(load.calls) << " calls, after " << cli::Grouped(load.failures)
              << " failed tries; " << cli::Grouped(load.refused) << " refused\n"
              << cli::Grouped(view.delivered) << " delivered, at most "
              << cli::Grouped(view.in_doubt_max) << " in doubt at a time; "
              << (drained ? "drained " : "NOT DRAINED ")
              << absl::FormatDuration(absl::Trunc(drain_time, absl::Milliseconds(100)))
              << " after the last fault\n";
    for (const auto& [state, count] : view.counts) {
      if (count > 0) std::cout << "  " << v1::DeliveryState_Name(state) << " " << count << "\n";
    }
  }

  // Prints the checker's table; false where an invariant is broken.
  bool Check() {
    std::vector<std::string> arguments = {stage_.options().program_folder + "/invariant-checker",
                                          "--database",
                                          stage_.database().url(),
                                          "--key-file",
                                          stage_.key_file(),
                                          "--journal",
                                          stage_.emulator().journal(),
                                          "--load-log",
                                          stage_.load_log(),
                                          "--planted",
                                          stage_.planted_file(),
                                          "--quiet-phase-over"};
    for (const auto& service : stage_.services()) {
      arguments.insert(arguments.end(), {"--log", service->log_file()});
    }
    const support::ProgramResult result = support::RunProgram(arguments, kCheckMax);
    std::cout << "\n" << result.output << std::flush;
    return result.exit_code == 0;
  }

  const Options options_;
  const absl::Duration duration_;
  Stage stage_;
  const std::vector<FaultKind> kinds_;
  std::map<std::string, Campaign::Tally> tallies_;
};

int Main(Options options) {
  bench::CatchInterruption();
  base::SetLogThreshold(base::Severity::kNone);
  if (options.folder.empty()) options.folder = absl::StrCat("/tmp/snapledger-chaos-", getpid());
  std::filesystem::create_directories(options.folder);
  if (!std::filesystem::is_empty(options.folder)) {
    std::cerr << "chaos: " << options.folder << " is not empty\n";
    return 2;
  }
  try {
    const bool well = Run(options).Go();
    if (well && !options.keep) std::filesystem::remove_all(options.folder);
    if (!well) std::cout << "what is left is in " << options.folder << "\n";
    return well ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "chaos: " << error.what() << "\n";
    return 1;
  }
}

}  // namespace
}  // namespace snapledger::chaos

int main(int argc, char** argv) {
  snapledger::chaos::Options options;
  CLI::App app("Runs the real programs under faults and checks the ledger's invariants.");
  app.add_option("--seed", options.seed, "What faults come, when and where")->capture_default_str();
  app.add_option("--events", options.events, "Events to be acknowledged")->capture_default_str();
  app.add_option("--faults", options.faults, "Faults to be inflicted")->capture_default_str();
  app.add_option("--least-kinds", options.kinds_min, "Kinds of them, at least")
      ->capture_default_str();
  app.add_option("--minutes", options.minutes, "Over which both are spread");
  app.add_option("--kinds", options.kinds, "Only these faults")->delimiter(',');
  app.add_option("--folder", options.folder,
                 "An empty folder, or a new one, for all of it; one in /tmp");
  app.add_flag("--keep", options.keep, "Leave the folder; a run that finds something always does");
  app.add_option("--services", options.services, "Service processes")
      ->check(CLI::Range(2, 9))
      ->capture_default_str();
  app.add_option("--callers", options.callers, "Callers")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return snapledger::chaos::Main(options);
}
