#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/checker/checks.h"
#include "tests/checker/report.h"

namespace snapledger::checker {

// What is left of a run.
struct Inputs {
  std::string database_url;
  std::string key_file;
  std::vector<std::string> journals;   // of the emulators
  std::vector<std::string> load_logs;  // of all load there was; none: I1 is checked in part
  CheckOptions options;
};

// Tests every invariant of the ledger that the inputs allow. A service that still works may be
// found between the steps of what it does only by I4's counters; everything else is read as of one
// moment. An error means that an input cannot be used.
absl::StatusOr<Report> CheckRun(const Inputs& inputs);

}  // namespace snapledger::checker
