// What a claim costs a real PostgreSQL; what it does is in ledger_suite.h.

#include <gtest/gtest.h>

#include <string>

#include "storage/postgres_ledger.h"
#include "storage/random_uuid.h"
#include "tests/storage/send_all.h"
#include "tests/support/destination_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

constexpr int kLots = 20'000;
constexpr int kClaimed = 10;
// Each of some ten statements may look at what is claimed, none at what waits behind it.
constexpr int64_t kRowsReadMax = 10 * kClaimed;

constexpr Statement kLotRowsRead = {
    "lot_rows_read",
    "select seq_tup_read + idx_tup_fetch from pg_stat_user_tables where relname = 'lot'"};

class PostgresClaimTest : public support::DestinationTest {
 protected:
  // Lots of one event that wait for their first attempt.
  void PutLots() {
    Run("insert into lot (shard, lot_id, first_position, last_position, event_count, json_bytes,"
        "  state, queue, next_attempt_time, oldest_event_time, rollup)"
        " select shard, n, 0, 0, 1, 10, 1, 1, now(), now(), '' from shard, generate_series(1, " +
        std::to_string(kLots) + ") n");
    Run("insert into lot_payload (shard, lot_id, payload) select shard, lot_id, 'sealed' from lot");
  }

  absl::StatusOr<ClaimResult> Claim() {
    return ledger_.Claim({.shard = shard_,
                          .events_max = kClaimed,
                          .lease = absl::Seconds(30),
                          .attempt_id = RandomUuid(),
                          .batch_id = RandomUuid(),
                          .token_id = "t1"},
                         send_all_);
  }

  // By the statements of the one connection so far.
  int64_t LotRowsRead() {
    ConnectionPool::Lease connection = connections_.Take();
    connection->ExecuteScript("select pg_stat_force_next_flush()");
    return connection->Execute(kLotRowsRead).Int8(0, 0);
  }

 private:
  ConnectionPool connections_{{.connection = {.url = url(), .generic_plans = true}, .size_max = 1}};
  IdentityFilters filters_;
  PostgresLedger ledger_{connections_, connections_, filters_};
  SendAll send_all_;
};

// Plans are made for any parameters: by statistics that know no lots, the planner would take a
// shard for a few rows and compare all of them with each slice of the batch.
TEST_F(PostgresClaimTest, LooksItsSlicesUpWhereNothingWasAnalysedYet) {
  PutLots();
  const int64_t before = LotRowsRead();
  ASSERT_OK_AND_ASSIGN(const ClaimResult claimed, Claim());
  ASSERT_EQ(claimed.batch.event_count, kClaimed);
  EXPECT_LE(LotRowsRead() - before, kRowsReadMax);
}

}  // namespace
}  // namespace snapledger::storage
