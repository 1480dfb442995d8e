#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "snapledger/v1/delivery.pb.h"
#include "storage/pool.h"

namespace snapledger::e2e {

// What a test reads of the ledger's own tables, where no RPC tells it, and the few changes of them
// that stand for time going by. Every call throws std::runtime_error. Thread-safe.
class LedgerView {
 public:
  explicit LedgerView(const std::string& database_url)
      : pool_({.connection = {.url = database_url}}) {}

  // Events by state: the rows themselves, whatever the counters say.
  std::map<v1::DeliveryState, int64_t> States();

  // Events that are or ever were in doubt.
  int64_t EverInDoubt();

  // Attempts by the error they ended with; an open attempt has none.
  std::map<std::string, int64_t> AttemptErrors();

  struct Reaping {
    int64_t attempts = 0;
    absl::Duration latest;  // after the lease's end, or after `serving_since` where that is later
  };
  // Of attempts whose owner vanished. Nobody reaped before `serving_since`.
  Reaping ReapedSince(absl::Time serving_since);
  int64_t OpenAttempts();

  // From receipt to delivery, of each event of a destination received since then.
  std::vector<double> DeliveryMilliseconds(const std::string& destination, absl::Time since);

  // Moves the first send of everything in doubt back.
  void AgeDoubt(absl::Duration age);

 private:
  storage::ConnectionPool pool_;
};

}  // namespace snapledger::e2e
