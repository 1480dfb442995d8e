// Tests the invariants of the ledger over what is left of a run:
//   invariant-checker --database URL --key-file F --journal FILE… --load-log FILE…
// Exits 0 where no invariant is broken, 1 where one is, 2 where an input cannot be used.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "tests/checker/checker.h"

namespace snapledger::checker {
namespace {

constexpr int kHolds = 0;
constexpr int kBroken = 1;
constexpr int kUnusable = 2;

void AddOptions(CLI::App& app, Inputs* inputs, std::vector<std::string>* metrics) {
  app.add_option("--database", inputs->database_url, "The ledger's database")->required();
  app.add_option("--key-file", inputs->key_file, "The service's key file: opens lots and tokens")
      ->required();
  app.add_option("--journal", inputs->journals, "Journals of the emulator");
  app.add_option("--load-log", inputs->load_logs, "Logs of all the load there was");
  app.add_option("--log", inputs->options.logs, "Logs of the service");
  app.add_option("--metrics", *metrics, "Metrics as the service showed them");
  app.add_option("--planted", inputs->options.planted_file,
                 "Values, one a line, that may stand in no log, metric or error");
  app.add_flag("--quiet-phase-over", inputs->options.quiet_phase_over,
               "Faults ended and there was time to drain: nothing may be open any more");
  app.add_flag("--dedup-off", inputs->options.dedup_off,
               "The emulator counts repeated arrivals again");
}

int Check(const Inputs& inputs) {
  const absl::StatusOr<Report> report = CheckRun(inputs);
  if (!report.ok()) {
    std::fprintf(stderr, "invariant-checker: %s\n", std::string(report.status().message()).c_str());
    return kUnusable;
  }
  std::fputs(report->Text().c_str(), stdout);
  return report->any_violation() ? kBroken : kHolds;
}

int Run(int argc, char** argv) {
  Inputs inputs;
  std::vector<std::string> metrics;
  CLI::App app("Tests the invariants of the ledger over what is left of a run.");
  AddOptions(app, &inputs, &metrics);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kHolds : kUnusable;
  }
  inputs.options.logs.insert(inputs.options.logs.end(), metrics.begin(), metrics.end());
  return Check(inputs);
}

}  // namespace
}  // namespace snapledger::checker

int main(int argc, char** argv) { return snapledger::checker::Run(argc, argv); }
