// Runs many seeds of the simulation, or one again:
//   simulation [--seeds N] [--first SEED] [--threads N] [--bug NAME]
// Ends with 1 at the first seed that breaks an invariant, which it names; with --bug, with 1 where
// no seed does.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "services/base/log.h"
#include "tests/simulation/simulation.h"

namespace snapledger::simulation {
namespace {

struct Options {
  uint64_t seeds = 1000;
  uint64_t first = 1;
  int threads = 2;
  std::string bug = "none";
};

class Campaign {
 public:
  explicit Campaign(const Options& options) : options_(options) {
    const auto* const name =
        std::find(kPlantedBugNames.begin(), kPlantedBugNames.end(), options.bug);
    bug_ = static_cast<PlantedBug>(name - kPlantedBugNames.begin());
  }

  int Run() {
    std::vector<std::thread> threads;
    for (int i = 0; i < options_.threads; ++i) threads.emplace_back([this] { RunSome(); });
    for (std::thread& thread : threads) thread.join();
    if (isatty(STDERR_FILENO) != 0) std::fputs("\r\033[K", stderr);
    std::printf(
        "seeds %llu, events %lld, requests to Snap %lld, crashes %lld, virtual hours %.1f\n",
        static_cast<unsigned long long>(done_.load()), static_cast<long long>(events_),
        static_cast<long long>(requests_), static_cast<long long>(crashes_),
        absl::ToDoubleHours(virtual_time_));
    if (!broken_) {
      std::printf("no invariant was broken\n");
      return bug_ == PlantedBug::kNone ? 0 : 1;
    }
    std::printf("seed %llu:\n%s", static_cast<unsigned long long>(broken_seed_),
                broken_text_.c_str());
    return bug_ == PlantedBug::kNone ? 1 : 0;
  }

 private:
  void RunSome() {
    while (!broken_) {
      const uint64_t index = next_++;
      if (index >= options_.seeds) return;
      Note(options_.first + index, Simulate(options_.first + index, bug_));
    }
  }

  void Note(uint64_t seed, const Result& result) {
    const std::lock_guard<std::mutex> lock(mutex_);
    events_ += result.events;
    requests_ += result.requests;
    crashes_ += result.crashes;
    virtual_time_ += result.virtual_time;
    const uint64_t done = ++done_;
    if (isatty(STDERR_FILENO) != 0 && done % 50 == 0) {
      std::fprintf(stderr, "\r%3.0f %% of %llu seeds",
                   100.0 * static_cast<double>(done) / static_cast<double>(options_.seeds),
                   static_cast<unsigned long long>(options_.seeds));
    }
    if (result.ok || broken_) return;
    broken_ = true;
    broken_seed_ = seed;
    broken_text_ = result.text;
  }

  const Options options_;
  PlantedBug bug_ = PlantedBug::kNone;
  std::atomic<uint64_t> next_{0};
  std::atomic<uint64_t> done_{0};
  std::atomic<bool> broken_{false};
  std::mutex mutex_;
  int64_t events_ = 0;
  int64_t requests_ = 0;
  int64_t crashes_ = 0;
  absl::Duration virtual_time_;
  uint64_t broken_seed_ = 0;
  std::string broken_text_;
};

}  // namespace
}  // namespace snapledger::simulation

int main(int argc, char** argv) {
  using snapledger::simulation::kPlantedBugNames;
  snapledger::simulation::Options options;
  CLI::App app("Runs seeds of the simulated dispatcher and checks its invariants.");
  app.add_option("--seeds", options.seeds, "How many seeds")->capture_default_str();
  app.add_option("--first", options.first, "The first seed")->capture_default_str();
  app.add_option("--threads", options.threads, "Seeds at a time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--bug", options.bug, "A mistake to plant")
      ->check(CLI::IsMember(
          std::vector<std::string>(kPlantedBugNames.begin(), kPlantedBugNames.end())));
  CLI11_PARSE(app, argc, argv);
  snapledger::base::SetLogThreshold(snapledger::base::Severity::kNone);
  return snapledger::simulation::Campaign(options).Run();
}
