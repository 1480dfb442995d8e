#pragma once

#include <string>

#include "absl/status/status.h"
#include "storage/pool.h"
#include "tests/checker/evidence.h"
#include "tests/checker/report.h"

namespace snapledger::checker {

// Reads destinations, events, slices, attempts and transitions of a ledger, as they were at one
// moment, and checks what the database itself can add up (I4). `key_file` opens tokens and lots:
// lots that do not open are reported (I1). Any error means that the database or the keys cannot be
// used.
absl::Status ReadLedger(storage::ConnectionPool& pool, const std::string& key_file,
                        Evidence* evidence, Report* report);

}  // namespace snapledger::checker
