#pragma once

#include <functional>

#include "absl/status/status.h"
#include "services/bench/options.h"
#include "services/bench/report.h"

namespace snapledger::bench {

// Makes a deployment, puts the workload on it and tells `report` what each round cost. Takes as
// long as the work does; progress goes to standard error where that is a terminal.
// FAILED_PRECONDITION and INVALID_ARGUMENT: the database or an option is not one to measure with.
absl::Status Run(const Options& options, const std::function<void(const Report&)>& report);

}  // namespace snapledger::bench
