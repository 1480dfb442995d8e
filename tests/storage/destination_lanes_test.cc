// Changing lanes and deleting a destination while events are appended to it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "storage/postgres_deliveries.h"
#include "storage/postgres_destinations.h"
#include "storage/postgres_identity.h"
#include "storage/postgres_ledger.h"
#include "storage/random_uuid.h"
#include "storage/rollup.h"
#include "storage/transaction.h"
#include "tests/storage/send_all.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kPixel[] = "pixel-1";

constexpr Statement kCountEvents = {"test_count_events",
                                    "select count(*), count(distinct event_key) from identity"};

class PlainComposer final : public LotComposer {
 public:
  absl::StatusOr<LotContents> Compose(int32_t, int64_t, const std::vector<bool>& is_new) override {
    LotContents contents;
    contents.event_count = static_cast<int>(std::count(is_new.begin(), is_new.end(), true));
    contents.rollup = PackRollup({{RollupKey{.name_label = 1}, contents.event_count}});
    contents.oldest_event_time = absl::Now();
    return contents;
  }
};

class LanesTest : public support::PostgresTest {
 protected:
  void SetUp() override { ASSERT_OK(store_.Create(NewPixel(), "somebody")); }

  static DestinationStore::NewDestination NewPixel() {
    return {.destination_id = kPixel, .kind = 1, .token_id = "t1", .sealed_token = "sealed"};
  }

  static Uuid Key(int number) {
    Uuid key{};
    key[6] = static_cast<uint8_t>(number >> 8);
    key[7] = static_cast<uint8_t>(number);
    return key;
  }

  // One event placed by what `destination` says, as intake does it.
  NewLot Lot(const Destination& destination, int key) {
    const auto shard_among = [&](int lane_count) { return destination.shards[key % lane_count]; };
    NewLot lot = {.shard = shard_among(destination.settings.lane_count),
                  .lane_epoch = destination.lane_epoch,
                  .composer = &composer_};
    lot.events.push_back({.event_key = Key(key), .content_digest = 7, .event_time = absl::Now()});
    for (const FormerLaneCount& former : destination.former_lane_counts) {
      lot.former_shards.push_back({.shard = shard_among(former.lane_count), .positions = {0}});
    }
    return lot;
  }

  absl::StatusOr<std::vector<AppendedLot>> Append(const Destination& destination, int key) {
    const NewLot lot = Lot(destination, key);
    return ledger_.Append({&lot, 1});
  }

  Destination Now() {
    absl::StatusOr<Destination> destination = store_.Get(kPixel);
    EXPECT_OK(destination);
    return *destination;
  }

  Destination ChangeLanes(int lane_count) {
    DestinationSettings settings;
    settings.lane_count = lane_count;
    EXPECT_OK(store_.Update(kPixel, "", settings, "somebody"));
    return Now();
  }

  void Deliver(int32_t shard) {
    const ClaimRequest claim = {.shard = shard,
                                .lease = absl::Minutes(1),
                                .attempt_id = RandomUuid(),
                                .batch_id = RandomUuid(),
                                .token_id = "t1"};
    ASSERT_OK_AND_ASSIGN(const ClaimResult claimed, ledger_.Claim(claim, send_all_));
    ASSERT_EQ(claimed.kind, ClaimResult::Kind::kBatch);
    RecordRequest outcome = {.shard = shard,
                             .attempt_id = claim.attempt_id,
                             .outcome = AttemptOutcome::kDelivered,
                             .to_state = DeliveryState::kDelivered};
    for (const ClaimedSlice& slice : claimed.batch.slices) {
      outcome.slices.push_back({.key = slice.key, .fence = slice.fence});
    }
    ASSERT_OK(ledger_.Record(outcome));
  }

  PlainComposer composer_;
  SendAll send_all_;
  PostgresDestinationStore store_{pool()};
  IdentityFilters filters_;
  PostgresLedger ledger_{pool(), pool(), filters_};
  PostgresDeliveryStore deliveries_{pool()};
  PostgresIdentityPartitions partitions_{pool(), filters_};
};

TEST_F(LanesTest, WhatWasPlannedByFormerLanesIsNotAppended) {
  const Destination before = Now();
  ASSERT_OK(Append(before, 1));
  const Destination after = ChangeLanes(2);
  const absl::Status refused = Append(before, 2).status();
  EXPECT_TRUE(IsLanesChanged(refused)) << refused;
  EXPECT_OK(Append(after, 2));
  // Another process, that never saw the epoch before.
  PostgresLedger other(pool(), pool(), filters_);
  const NewLot stale = Lot(before, 3);
  EXPECT_TRUE(IsLanesChanged(other.Append({&stale, 1}).status()));
}

TEST_F(LanesTest, OneLotPlannedByFormerLanesKeepsBackItsCommit) {
  const Destination before = Now();
  const Destination after = ChangeLanes(2);
  const std::vector<NewLot> lots = {Lot(after, 1), Lot(before, 2)};
  EXPECT_TRUE(IsLanesChanged(ledger_.Append(lots).status()));
  EXPECT_EQ(deliveries_.Delivery(after.shards[1])->counts[DeliveryState::kPending], 0);
}

TEST_F(LanesTest, AnIdIsKnownAgainWhereverItWasPut) {
  Destination destination = Now();
  for (int key = 0; key < 4; ++key) ASSERT_OK(Append(destination, key));
  for (const int lane_count : {4, 3, 1, 2}) {
    destination = ChangeLanes(lane_count);
    for (int key = 0; key < 4; ++key) {
      ASSERT_OK_AND_ASSIGN(const auto again, Append(destination, key));
      EXPECT_THAT(again[0].held, SizeIs(1)) << lane_count << " lanes, key " << key;
    }
    ASSERT_OK_AND_ASSIGN(const auto fresh, Append(destination, 100 + lane_count));
    EXPECT_THAT(fresh[0].held, IsEmpty());
    ASSERT_THAT(partitions_.RollIfDue(absl::ZeroDuration(), 1'000'000),
                support::IsOkAndHolds(true));
  }
  for (const int lane_count : {4, 3, 1, 2}) {
    ASSERT_OK_AND_ASSIGN(const auto again, Append(destination, 100 + lane_count));
    EXPECT_THAT(again[0].held, SizeIs(1));
  }
}

// Writers that look up the destination now and then append the same keys while lanes change under
// them, the last time with keys left to append: each key is new exactly once.
TEST_F(LanesTest, WritersThatRaceAChangeOfLanesAcceptAKeyOnce) {
  constexpr int kKeys = 300;
  std::atomic<int> accepted = 0;
  std::atomic<int> refused = 0;
  absl::Mutex mutex;
  int answered = 0;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 3; ++writer) {
    writers.emplace_back([&] {
      ConnectionPool pool({.connection = {.url = url()}});
      IdentityFilters filters;
      PostgresLedger ledger(pool, pool, filters);
      Destination destination = Now();
      for (int key = 0; key < kKeys; ++key) {
        while (true) {
          const NewLot lot = Lot(destination, key);
          const absl::StatusOr<std::vector<AppendedLot>> appended = ledger.Append({&lot, 1});
          if (appended.ok()) {
            accepted += 1 - static_cast<int>(appended->at(0).held.size());
            absl::MutexLock lock(&mutex);
            ++answered;
            break;
          }
          ASSERT_TRUE(IsLanesChanged(appended.status())) << appended.status();
          ++refused;
          destination = Now();
        }
      }
    });
  }
  int changes = 0;
  for (const int lane_count : {4, 2, 5, 1, 3, 1, 4}) {
    const int wanted = 100 * ++changes;
    const auto so_many = [&] { return answered >= wanted; };
    {
      absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(&so_many));
    }
    ChangeLanes(lane_count);
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(accepted, kKeys);
  EXPECT_GT(refused, 0);
  EXPECT_OK(WithConnection(pool(), [&](Connection& connection) {
    const Result row = connection.Execute(kCountEvents);
    EXPECT_EQ(row.Int8(0, 0), kKeys);
    EXPECT_EQ(row.Int8(0, 1), kKeys);
    return true;
  }));
}

// Writers never leave the shared row alone; a change comes through all the same.
TEST_F(LanesTest, BusyWritersDoNotHoldAChangeUp) {
  std::atomic<bool> done = false;
  std::atomic<int> next_key = 0;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 6; ++writer) {
    writers.emplace_back([&] {
      ConnectionPool pool({.connection = {.url = url()}});
      IdentityFilters filters;
      PostgresLedger ledger(pool, pool, filters);
      Destination destination = Now();
      while (!done) {
        const NewLot lot = Lot(destination, next_key++ % 65536);
        if (!ledger.Append({&lot, 1}).ok()) destination = Now();
      }
    });
  }
  absl::Duration longest;
  for (int change = 0; change < 20; ++change) {
    const absl::Time start = absl::Now();
    ChangeLanes(1 + change % 3);
    longest = std::max(longest, absl::Now() - start);
  }
  done = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_LT(longest, absl::Seconds(3));
}

TEST_F(LanesTest, ADestinationWithOpenEventsIsNotDeleted) {
  const Destination destination = ChangeLanes(2);
  ASSERT_OK(Append(destination, 0));
  ASSERT_OK(Append(destination, 1));
  Deliver(destination.shards[0]);
  ASSERT_OK_AND_ASSIGN(DestinationStore::OpenEvents open, store_.Delete(kPixel, "somebody"));
  EXPECT_EQ(open.pending, 1);
  EXPECT_EQ(open.in_flight, 0);
  EXPECT_OK(Append(destination, 2));
  // Set aside: in no queue, yet not final.
  Run("update lot set queue = 0, exceptional_state = state where state = 1");
  ASSERT_OK_AND_ASSIGN(open, store_.Delete(kPixel, "somebody"));
  EXPECT_EQ(open.pending, 2);
}

// As after a jump of the database's clock: what was received since counts as folded.
TEST_F(LanesTest, ADestinationWhoseEventsTheCountsMissIsNotDeleted) {
  const Destination destination = Now();
  ASSERT_OK(Append(destination, 0));
  Run("update counter_progress set folded_through = now() + interval '1 hour'");
  ASSERT_OK_AND_ASSIGN(const DestinationStore::OpenEvents open, store_.Delete(kPixel, "somebody"));
  EXPECT_EQ(open.pending, 1);
}

TEST_F(LanesTest, NothingIsAppendedToADeletedDestinationAndItsIdsAreKnownAgain) {
  const Destination before = Now();
  ASSERT_OK(Append(before, 1));
  Deliver(before.shards[0]);
  ASSERT_OK_AND_ASSIGN(const DestinationStore::OpenEvents open, store_.Delete(kPixel, "somebody"));
  ASSERT_TRUE(open.none());
  EXPECT_TRUE(IsLanesChanged(Append(before, 2).status()));
  DestinationStore::NewDestination again = NewPixel();
  again.settings.lane_count = 3;
  ASSERT_OK(store_.Create(again, "somebody"));
  EXPECT_TRUE(IsLanesChanged(Append(before, 2).status()));
  ASSERT_OK_AND_ASSIGN(const auto repeated, Append(Now(), 1));
  EXPECT_THAT(repeated[0].held, SizeIs(1));
  ASSERT_OK_AND_ASSIGN(const auto fresh, Append(Now(), 2));
  EXPECT_THAT(fresh[0].held, IsEmpty());
}

// A deletion that counts and a writer that appends: either the event is refused or the deletion is.
TEST_F(LanesTest, ADeletionAndAnAppendNeverBothSucceed) {
  for (int round = 0; round < 20; ++round) {
    const Destination destination = Now();
    absl::Status appended;
    std::thread writer([&] {
      ConnectionPool pool({.connection = {.url = url()}});
      IdentityFilters filters;
      PostgresLedger ledger(pool, pool, filters);
      const NewLot lot = Lot(destination, 1000 + round);
      appended = ledger.Append({&lot, 1}).status();
    });
    const absl::StatusOr<DestinationStore::OpenEvents> open = store_.Delete(kPixel, "somebody");
    writer.join();
    ASSERT_OK(open);
    EXPECT_NE(open->none(), appended.ok());
    if (open->none()) {
      ASSERT_OK(store_.Create(NewPixel(), "somebody"));
    } else {
      Deliver(destination.shards[0]);
    }
  }
}

class GateTest : public LanesTest {
 protected:
  ClaimResult::Kind Claim(int32_t shard, absl::Duration send_interval) {
    const ClaimRequest claim = {.shard = shard,
                                .events_max = 1,
                                .lease = absl::Minutes(1),
                                .send_interval = send_interval,
                                .attempt_id = RandomUuid(),
                                .batch_id = RandomUuid(),
                                .token_id = "t1"};
    const absl::StatusOr<ClaimResult> claimed = ledger_.Claim(claim, send_all_);
    EXPECT_OK(claimed);
    return claimed->kind;
  }

  void SentAgo(int seconds) {
    Run("update shard set last_send_time = now() - interval '" + std::to_string(seconds) +
        " seconds'");
  }
};

TEST_F(GateTest, LanesShareTheRateEvenly) {
  const Destination four = ChangeLanes(4);
  for (int key = 0; key < 8; ++key) ASSERT_OK(Append(four, key));
  SentAgo(39);
  EXPECT_EQ(Claim(four.shards[0], absl::Seconds(10)), ClaimResult::Kind::kGateShut);
  SentAgo(41);
  for (const int32_t shard : four.shards) {
    EXPECT_EQ(Claim(shard, absl::Seconds(10)), ClaimResult::Kind::kBatch);
    EXPECT_EQ(Claim(shard, absl::Seconds(10)), ClaimResult::Kind::kGateShut);
  }
}

TEST_F(GateTest, LanesBeyondTheCountPassTheGatesThatAreLeft) {
  const Destination four = ChangeLanes(4);
  for (int key = 0; key < 8; ++key) ASSERT_OK(Append(four, key));
  const Destination one = ChangeLanes(1);
  SentAgo(11);
  EXPECT_EQ(Claim(one.shards[3], absl::Seconds(10)), ClaimResult::Kind::kBatch);
  for (const int32_t shard : one.shards) {
    EXPECT_EQ(Claim(shard, absl::Seconds(10)), ClaimResult::Kind::kGateShut);
  }
}

TEST_F(GateTest, AChangedRateHoldsFromTheNextClaim) {
  const Destination destination = Now();
  for (int key = 0; key < 3; ++key) ASSERT_OK(Append(destination, key));
  EXPECT_EQ(Claim(destination.shards[0], absl::Hours(1)), ClaimResult::Kind::kBatch);
  SentAgo(2);
  EXPECT_EQ(Claim(destination.shards[0], absl::Hours(1)), ClaimResult::Kind::kGateShut);
  EXPECT_EQ(Claim(destination.shards[0], absl::Seconds(1)), ClaimResult::Kind::kBatch);
}

TEST_F(GateTest, NewLanesWaitTheirTurnLikeTheOthers) {
  const Destination one = Now();
  ASSERT_OK(Append(one, 0));
  EXPECT_EQ(Claim(one.shards[0], absl::Minutes(1)), ClaimResult::Kind::kBatch);
  const Destination two = ChangeLanes(2);
  ASSERT_OK(Append(two, 1));
  EXPECT_EQ(Claim(two.shards[1], absl::Minutes(1)), ClaimResult::Kind::kGateShut);
}

// A lane that is added while Snap asks to wait begins with an open gate of its own.
TEST_F(GateTest, WhatSnapAskedOfOneLaneHoldsTheOthers) {
  const Destination two = ChangeLanes(2);
  for (int key = 0; key < 4; ++key) ASSERT_OK(Append(two, key));
  Run("update shard set shut_until = now() + interval '1 hour' where lane = 0");
  EXPECT_EQ(Claim(two.shards[1], absl::ZeroDuration()), ClaimResult::Kind::kGateShut);
  ASSERT_OK_AND_ASSIGN(const auto turn, ledger_.TakeTurn(two.shards[1], absl::ZeroDuration()));
  EXPECT_FALSE(turn.has_value());
  Run("update shard set shut_until = '-infinity'");
  EXPECT_EQ(Claim(two.shards[1], absl::ZeroDuration()), ClaimResult::Kind::kBatch);
}

}  // namespace
}  // namespace snapledger::storage
