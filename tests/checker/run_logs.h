#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/checker/evidence.h"
#include "tests/checker/report.h"

namespace snapledger::checker {

// Adds the requests and events of an emulator's journal. Events of an asset that is no destination
// are kept under destination -1. Call SortArrivals after the last.
absl::Status ReadJournal(const std::string& path, Evidence* evidence);
void SortArrivals(Evidence* evidence);

// Marks what the calls of a load log offered and what was acknowledged to them. Calls for a
// destination the ledger does not have are I1's violations where something was acknowledged.
absl::Status ReadLoad(const std::string& path, Evidence* evidence, Report* report);

}  // namespace snapledger::checker
