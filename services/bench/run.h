#pragma once

#include "absl/status/statusor.h"
#include "services/bench/options.h"
#include "services/bench/report.h"

namespace snapledger::bench {

// Makes a deployment, puts the workload on it and says what it cost. Takes as long as the work
// does; progress goes to standard error where that is a terminal. FAILED_PRECONDITION and
// INVALID_ARGUMENT: the database or an option is not one to measure with.
absl::StatusOr<Report> Run(const Options& options);

}  // namespace snapledger::bench
