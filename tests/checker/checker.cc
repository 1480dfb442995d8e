#include "tests/checker/checker.h"

#include "services/base/status_macros.h"
#include "storage/pool.h"
#include "storage/transaction.h"
#include "tests/checker/books.h"
#include "tests/checker/ledger_reader.h"
#include "tests/checker/recount.h"
#include "tests/checker/run_logs.h"

namespace snapledger::checker {

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
  report.NotChecked(7, "the ledger has no erasure yet");
  report.NotChecked(8, "the ledger has no audit chain yet");
  return report;
}

}  // namespace snapledger::checker
