#pragma once

#include "absl/status/status.h"
#include "storage/connection.h"
#include "storage/pool.h"
#include "tests/checker/evidence.h"
#include "tests/checker/report.h"

namespace snapledger::checker {

// I4: the counts that GetDeliveryStats and GetMatchRate are made of, against a count of the slices
// and of the events themselves. `connection` reads one snapshot. Throws SqlError, StatusError.
void Recount(storage::Connection& connection, const Evidence& evidence, Report* report);

// The rest of I4: coverage by its counters, against the slices' own rollups. Where a service
// changes the ledger meanwhile it is asked anew.
absl::Status RecountCoverage(storage::ConnectionPool& pool, const Evidence& evidence,
                             Report* report);

}  // namespace snapledger::checker
