// calibration_study: tries the estimated match rate in simulated worlds whose truth is known,
// prints what it found and exits 1 where a bar is missed. docs/match-rates.md has the figures of a
// full run.
//   --worlds N         default 4000
//   --seed N           of the worlds, default 1
//   --draws N          per estimate, default 2000
//   --threads N        default: one per processor
//   --heterogeneity F  multiplies how far the worlds leave the model's structure, default 1
//   --tolerance F      widens the margins of the bars by this factor, for short runs; default 1

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <thread>

#include "tests/study/calibration.h"

int main(int argc, char** argv) {
  using namespace snapledger::study;  // NOLINT(google-build-using-namespace): the whole program
  StudyOptions options;
  options.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  double tolerance = 1;
  CLI::App app("Tries the estimated match rate in simulated worlds whose truth is known.");
  app.add_option("--worlds", options.worlds)->check(CLI::Range(10, 1'000'000));
  app.add_option("--seed", options.seed);
  app.add_option("--draws", options.draws)->check(CLI::Range(100, 100'000));
  app.add_option("--threads", options.threads)->check(CLI::Range(1, 256));
  app.add_option("--heterogeneity", options.heterogeneity)->check(CLI::Range(0.0, 10.0));
  app.add_option("--tolerance", tolerance)->check(CLI::Range(1.0, 5.0));
  CLI11_PARSE(app, argc, argv);

  const StudyResult result = RunStudy(options);
  std::fputs(StudyTable(result).c_str(), stdout);
  StudyBars bars;
  bars.margin80 *= tolerance;
  bars.margin95 *= tolerance;
  bars.refused_min = 1 - tolerance * (1 - bars.refused_min);
  bars.refused_wrongly_max *= tolerance;
  const std::vector<std::string> missed = MissedBars(result, bars);
  for (const std::string& bar : missed) std::printf("missed: %s\n", bar.c_str());
  if (missed.empty()) std::puts("every bar met");
  return missed.empty() ? 0 : 1;
}
