#include "tests/checker/checker.h"

#include <algorithm>

#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "storage/pool.h"
#include "storage/postgres_audit.h"
#include "storage/transaction.h"
#include "tests/checker/books.h"
#include "tests/checker/ledger_reader.h"
#include "tests/checker/recount.h"
#include "tests/checker/run_logs.h"

namespace snapledger::checker {
namespace {

// I8: the chain holds, and where operators moved events somebody entered it.
absl::Status CheckAudit(storage::ConnectionPool& pool, const Evidence& evidence, Report* report) {
  storage::PostgresAuditStore store(pool);
  SNAPLEDGER_ASSIGN_OR_RETURN(const storage::AuditVerification chain, store.Verify());
  if (chain.first_broken_sequence != 0) {
    report->Violation(
        8, base::Concat("the chain does not hold at entry ", chain.first_broken_sequence));
  }
  const auto acts =
      std::count_if(evidence.transitions.begin(), evidence.transitions.end(),
                    [](const TransitionFacts& transition) { return transition.by_operator; });
  if (acts > 0 && chain.entries_checked == 0) {
    report->Violation(8,
                      base::Concat("operators moved ", acts, " slices and no entry tells of it"));
  }
  report->Checked(8, chain.entries_checked, "entries");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Report> CheckRun(const Inputs& inputs) {
  Report report;
  Evidence evidence;
  storage::ConnectionPool pool({.connection = {.url = inputs.database_url}});
  SNAPLEDGER_RETURN_IF_ERROR(ReadLedger(pool, inputs.key_file, &evidence, &report));
  SNAPLEDGER_RETURN_IF_ERROR(RecountCoverage(pool, evidence, &report));
  CheckOptions options = inputs.options;
  options.has_load = !inputs.load_logs.empty();
  for (const std::string& path : inputs.load_logs) {
    SNAPLEDGER_RETURN_IF_ERROR(ReadLoad(path, &evidence, &report));
  }
  for (const std::string& path : inputs.journals) {
    SNAPLEDGER_RETURN_IF_ERROR(ReadJournal(path, &evidence));
  }
  SortArrivals(&evidence);
  const Books books(evidence);
  CheckStorage(evidence, books, options, &report);
  CheckHistories(evidence, books, &report);
  CheckBacklog(evidence, options, &report);
  CheckDeliveries(evidence, books, options, &report);
  SNAPLEDGER_RETURN_IF_ERROR(CheckSecrets(evidence, books, options, &report));
  CheckPace(evidence, books, &report);
  SNAPLEDGER_RETURN_IF_ERROR(CheckAudit(pool, evidence, &report));
  report.NotChecked(7, "the ledger has no erasure yet");
  return report;
}

}  // namespace snapledger::checker
