// The ledger on a real PostgreSQL: append, claim, record, reap and what the books then say.

#include "storage/postgres_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "storage/postgres_deliveries.h"
#include "storage/postgres_destinations.h"
#include "storage/postgres_identity.h"
#include "storage/random_uuid.h"
#include "storage/rollup.h"
#include "storage/transaction.h"
#include "tests/storage/ledger_suite.h"
#include "tests/storage/send_all.h"
#include "tests/support/destination_fixture.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr RollupKey kRollupKey = {.name_label = 1, .supplied = 3, .usable = 1};

// A lot whose payload is the positions of its new events, a byte each.
class PlainComposer final : public LotComposer {
 public:
  absl::StatusOr<LotContents> Compose(int32_t, int64_t, const std::vector<bool>& is_new) override {
    LotContents contents;
    for (size_t i = 0; i < is_new.size(); ++i) {
      if (!is_new[i]) continue;
      contents.payload.push_back(static_cast<char>(i));
      ++contents.event_count;
      contents.json_bytes += 10;
    }
    contents.rollup = PackRollup({{kRollupKey, contents.event_count}});
    contents.oldest_event_time = absl::Now() - absl::Minutes(1);
    return contents;
  }
};

// Says of a payload that it is in pieces of two bytes behind a byte of their table.
class PiecesComposer final : public LotComposer {
 public:
  absl::StatusOr<LotContents> Compose(int32_t, int64_t, const std::vector<bool>& is_new) override {
    return LotContents{.payload = "taabbcc",
                       .piece_bounds = {1, 3, 5, 7},
                       .rollup = PackRollup({}),
                       .event_count = static_cast<int>(is_new.size()),
                       .json_bytes = 10,
                       .oldest_event_time = absl::Now()};
  }
};

// Notes the payloads it sends.
class SendSeen final : public SendAll {
 public:
  absl::StatusOr<ComposedBatch> Compose(const std::vector<ClaimedSlice>& slices,
                                        absl::Time now) override {
    for (const ClaimedSlice& slice : slices) seen_payloads.push_back(slice.payload);
    return SendAll::Compose(slices, now);
  }

  std::vector<std::string> seen_payloads;
};

SlicePart Part(int16_t first, int16_t last) {
  const int32_t count = last - first + 1;
  return {.first_position = first,
          .last_position = last,
          .event_count = count,
          .json_bytes = 10 * count,
          .rollup = PackRollup({{kRollupKey, count}}),
          .oldest_event_time = absl::Now()};
}

class PostgresLedgerTest : public support::DestinationTest {
 protected:
  static Uuid Key(int number) {
    Uuid key{};
    key[0] = static_cast<uint8_t>(number >> 8);
    key[1] = static_cast<uint8_t>(number);
    return key;
  }

  NewLot Lot(const std::vector<int>& keys, int64_t digest = 7) {
    NewLot lot = {.shard = shard_, .composer = &composer_};
    for (const int key : keys) {
      lot.events.push_back({.event_key = Key(key),
                            .content_digest = digest,
                            .event_time = absl::Now(),
                            .name_label = 1,
                            .usable = 1});
    }
    return lot;
  }

  AppendedLot AppendOne(const NewLot& lot) {
    absl::StatusOr<std::vector<AppendedLot>> appended = ledger_.Append({&lot, 1});
    EXPECT_OK(appended);
    return appended->at(0);
  }

  ClaimRequest NewClaim(absl::Duration lease = absl::Seconds(30)) const {
    return {.shard = shard_,
            .lease = lease,
            .attempt_id = RandomUuid(),
            .batch_id = RandomUuid(),
            .token_id = "t1"};
  }

  ClaimResult Claim(const ClaimRequest& request) {
    absl::StatusOr<ClaimResult> claimed = ledger_.Claim(request, send_all_);
    EXPECT_OK(claimed);
    return claimed.ok() ? *claimed : ClaimResult();
  }

  RecordRequest Outcome(const ClaimRequest& claim, const ClaimedBatch& batch,
                        AttemptOutcome outcome, DeliveryState to_state) const {
    RecordRequest request = {
        .shard = shard_, .attempt_id = claim.attempt_id, .outcome = outcome, .to_state = to_state};
    for (const ClaimedSlice& slice : batch.slices) {
      request.slices.push_back({.key = slice.key, .fence = slice.fence});
    }
    return request;
  }

  // Snap asks to wait for ten minutes.
  RecordRequest Throttled(const ClaimRequest& claim, const ClaimedBatch& batch) const {
    RecordRequest request =
        Outcome(claim, batch, AttemptOutcome::kThrottled, DeliveryState::kPending);
    request.shut_gate_for = absl::Minutes(10);
    return request;
  }

  DeliveryState StateOf(int key) {
    absl::StatusOr<EventRow> event = deliveries_.FindEvent(shard_, Key(key));
    EXPECT_OK(event);
    return event->state;
  }

  int64_t CountOf(DeliveryState state) {
    absl::StatusOr<ShardDelivery> delivery = deliveries_.Delivery(shard_);
    EXPECT_OK(delivery);
    return delivery->counts[state];
  }

  int64_t CoverageCount(CoverageStage stage) {
    absl::StatusOr<std::vector<CoveragePeriod>> periods =
        deliveries_.Coverage(shard_, {.stage = stage});
    EXPECT_OK(periods);
    int64_t count = 0;
    for (const CoveragePeriod& period : *periods) {
      for (const auto& [key, n] : period.counts) count += n;
    }
    return count;
  }

  PlainComposer composer_;
  SendSeen send_all_;
  IdentityFilters filters_;
  PostgresLedger ledger_{pool(), pool(), filters_};
  PostgresDeliveryStore deliveries_{pool()};
  PostgresIdentityPartitions partitions_{pool(), filters_};
};

TEST_F(PostgresLedgerTest, ARepeatAfterTheRollIsHeld) {
  AppendOne(Lot({1}));
  ASSERT_THAT(partitions_.RollIfDue(absl::ZeroDuration(), 1'000'000), support::IsOkAndHolds(true));
  EXPECT_THAT(AppendOne(Lot({1, 2})).held, SizeIs(1));
  ASSERT_THAT(partitions_.RollIfDue(absl::ZeroDuration(), 1'000'000), support::IsOkAndHolds(true));
  EXPECT_THAT(AppendOne(Lot({1, 2, 3})).held, SizeIs(2));
  EXPECT_EQ(StateOf(1), DeliveryState::kPending);
}

TEST_F(PostgresLedgerTest, TheRollWaitsForItsReason) {
  EXPECT_THAT(partitions_.RollIfDue(absl::Hours(1), 1'000'000), support::IsOkAndHolds(false));
  AppendOne(Lot({1}));
  EXPECT_THAT(partitions_.RollIfDue(absl::Hours(1), 1), support::IsOkAndHolds(true));
}

// Two processes (two ledgers with what they remember of partitions) append the same keys while a
// third rolls: each key is new exactly once.
TEST_F(PostgresLedgerTest, WritersThatRaceEachOtherAndTheRollAcceptAKeyOnce) {
  constexpr int kKeys = 200;
  std::atomic<int> accepted = 0;
  std::atomic<bool> done = false;
  std::thread roller([&] {
    for (int i = 0; i < 20 && !done; ++i) {
      EXPECT_OK(partitions_.RollIfDue(absl::ZeroDuration(), 1'000'000));
    }
  });
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&] {
      ConnectionPool pool({.connection = {.url = url()}});
      IdentityFilters filters;
      PostgresLedger ledger(pool, pool, filters);
      for (int key = 0; key < kKeys; key += 2) {
        const NewLot lot = Lot({key + 1, key});
        const absl::StatusOr<std::vector<AppendedLot>> appended = ledger.Append({&lot, 1});
        ASSERT_OK(appended);
        accepted += 2 - static_cast<int>(appended->at(0).held.size());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  done = true;
  roller.join();
  EXPECT_EQ(accepted, kKeys);
  EXPECT_EQ(CountOf(DeliveryState::kPending), kKeys);
}

TEST_F(PostgresLedgerTest, AnEventOfALongLotComesWithItsPieceAlone) {
  std::vector<int> keys;
  for (int key = 0; key < 2 * kPieceEvents + 1; ++key) keys.push_back(key);
  PiecesComposer pieces;
  NewLot lot = Lot(keys);
  lot.composer = &pieces;
  AppendOne(lot);
  const std::vector<std::string> payloads = {"aa", "bb", "cc"};
  for (const int key : {0, kPieceEvents - 1, kPieceEvents, 2 * kPieceEvents}) {
    ASSERT_OK_AND_ASSIGN(const EventRow event, deliveries_.FindEvent(shard_, Key(key)));
    EXPECT_EQ(event.piece, key / kPieceEvents);
    EXPECT_EQ(event.piece_count, 3);
    EXPECT_EQ(event.payload, payloads[static_cast<size_t>(event.piece)]);
  }
}

TEST_F(PostgresLedgerTest, AnEventOfALongLotThatWasSealedWholeComesWithAllOfIt) {
  std::vector<int> keys;
  for (int key = 0; key <= kPieceEvents; ++key) keys.push_back(key);
  AppendOne(Lot(keys));
  ASSERT_OK_AND_ASSIGN(const EventRow event, deliveries_.FindEvent(shard_, Key(kPieceEvents)));
  EXPECT_EQ(event.piece, 0);
  EXPECT_EQ(event.piece_count, 1);
  EXPECT_THAT(event.payload, SizeIs(kPieceEvents + 1));
}

TEST_F(PostgresLedgerTest, AClaimIsDeliveredOnce) {
  AppendOne(Lot({1, 2}));
  AppendOne(Lot({3}));
  const ClaimRequest claim = NewClaim();
  const ClaimResult claimed = Claim(claim);
  ASSERT_EQ(claimed.kind, ClaimResult::Kind::kBatch);
  EXPECT_EQ(claimed.batch.event_count, 3);
  EXPECT_EQ(StateOf(1), DeliveryState::kInFlight);
  EXPECT_EQ(CountOf(DeliveryState::kInFlight), 3);
  EXPECT_EQ(Claim(NewClaim()).kind, ClaimResult::Kind::kNothing);

  ASSERT_OK_AND_ASSIGN(const RecordResult recorded,
                       ledger_.Record(Outcome(claim, claimed.batch, AttemptOutcome::kDelivered,
                                              DeliveryState::kDelivered)));
  EXPECT_TRUE(recorded.fence_held);
  EXPECT_EQ(CountOf(DeliveryState::kDelivered), 3);
  EXPECT_EQ(CountOf(DeliveryState::kInFlight), 0);
  EXPECT_EQ(CoverageCount(CoverageStage::kDelivered), 3);
  ASSERT_OK_AND_ASSIGN(const EventRow event, deliveries_.FindEvent(shard_, Key(3)));
  EXPECT_EQ(event.state, DeliveryState::kDelivered);
  ASSERT_THAT(event.attempts, SizeIs(1));
  EXPECT_EQ(event.attempts[0].number, 1);
  EXPECT_EQ(event.attempts[0].attempt_id, claim.attempt_id);
  EXPECT_TRUE(event.final_time.has_value());
}

TEST_F(PostgresLedgerTest, ALeaseThatEndsMakesDoubtAndALateSuccessEndsIt) {
  AppendOne(Lot({1, 2}));
  const ClaimRequest claim = NewClaim(/*lease=*/-absl::Seconds(1));
  const ClaimResult claimed = Claim(claim);
  EXPECT_THAT(ledger_.ReapLeases(shard_), support::IsOkAndHolds(1));
  EXPECT_THAT(ledger_.ReapLeases(shard_), support::IsOkAndHolds(0));
  EXPECT_EQ(StateOf(1), DeliveryState::kInDoubt);
  EXPECT_EQ(CountOf(DeliveryState::kInDoubt), 2);

  ASSERT_OK_AND_ASSIGN(const RecordResult late,
                       ledger_.Record(Outcome(claim, claimed.batch, AttemptOutcome::kDelivered,
                                              DeliveryState::kDelivered)));
  EXPECT_FALSE(late.fence_held);
  EXPECT_EQ(StateOf(1), DeliveryState::kDelivered);
  EXPECT_EQ(CountOf(DeliveryState::kDelivered), 2);
  EXPECT_EQ(CountOf(DeliveryState::kInDoubt), 0);
  EXPECT_EQ(CoverageCount(CoverageStage::kDelivered), 2);
}

TEST_F(PostgresLedgerTest, ThrottlingShutsTheGateForEveryProcess) {
  AppendOne(Lot({1}));
  const ClaimRequest claim = NewClaim();
  const ClaimResult claimed = Claim(claim);
  const RecordRequest throttled = Throttled(claim, claimed.batch);
  ASSERT_OK(ledger_.Record(throttled));
  EXPECT_EQ(StateOf(1), DeliveryState::kPending);
  PostgresLedger other(pool(), pool(), filters_);
  ASSERT_OK_AND_ASSIGN(const ClaimResult shut, other.Claim(NewClaim(), send_all_));
  EXPECT_EQ(shut.kind, ClaimResult::Kind::kGateShut);
  EXPECT_GT(shut.gate_opens_in, absl::Minutes(9));
}

// However long the rest of a record takes: a claim that begins after `recorded_time` must wait.
TEST_F(PostgresLedgerTest, TheGateIsShutBeforeTheOutcomeIsRecorded) {
  AppendOne(Lot({1}));
  const ClaimRequest claim = NewClaim();
  const ClaimResult claimed = Claim(claim);
  const RecordRequest throttled = Throttled(claim, claimed.batch);
  Connection holder({.url = url()});
  holder.ExecuteScript("begin; select from attempt for update");
  std::thread record([&] { EXPECT_OK(ledger_.Record(throttled)); });
  AppendOne(Lot({2}));
  constexpr Statement kShut = {"shut",
                               "select exists (select 1 from shard"
                               " where shut_until > now() + interval '9 minutes')"};
  const absl::Time give_up = absl::Now() + absl::Seconds(5);
  bool shut = false;
  while (!shut && absl::Now() < give_up) {
    shut = pool().Take()->Execute(kShut, Parameters()).Bool(0, 0);
  }
  EXPECT_TRUE(shut);
  EXPECT_EQ(StateOf(1), DeliveryState::kInFlight);
  EXPECT_EQ(Claim(NewClaim()).kind, ClaimResult::Kind::kGateShut);
  holder.ExecuteScript("commit");
  record.join();
  EXPECT_EQ(StateOf(1), DeliveryState::kPending);
}

// A refused lot is cut in two groups; each is claimed alone, and the events keep their attempts.
TEST_F(PostgresLedgerTest, ARefusedLotIsCutIntoGroups) {
  AppendOne(Lot({0, 1, 2, 3}));
  const ClaimRequest claim = NewClaim();
  const ClaimResult claimed = Claim(claim);
  RecordRequest refused =
      Outcome(claim, claimed.batch, AttemptOutcome::kRefused, DeliveryState::kPending);
  refused.slices[0].parts = {{.part = Part(0, 2), .isolation_group = RandomUuid()},
                             {.part = Part(3, 3), .isolation_group = RandomUuid()}};
  ASSERT_OK(ledger_.Record(refused));
  AppendOne(Lot({10}));
  std::vector<int> sizes;
  for (int i = 0; i < 3; ++i) {
    const ClaimRequest next = NewClaim();
    const ClaimResult batch = Claim(next);
    ASSERT_EQ(batch.kind, ClaimResult::Kind::kBatch);
    sizes.push_back(batch.batch.event_count);
    const bool last_event = batch.batch.slices[0].key.first_position == 3;
    ASSERT_OK(ledger_.Record(Outcome(
        next, batch.batch, last_event ? AttemptOutcome::kRefused : AttemptOutcome::kDelivered,
        last_event ? DeliveryState::kRejected : DeliveryState::kDelivered)));
  }
  EXPECT_THAT(sizes, ::testing::UnorderedElementsAre(3, 1, 1));
  EXPECT_EQ(StateOf(3), DeliveryState::kRejected);
  EXPECT_EQ(StateOf(2), DeliveryState::kDelivered);
  EXPECT_EQ(CountOf(DeliveryState::kDelivered), 4);
  EXPECT_EQ(CountOf(DeliveryState::kRejected), 1);
  EXPECT_EQ(CoverageCount(CoverageStage::kRecorded), 5);
  EXPECT_EQ(CoverageCount(CoverageStage::kDelivered), 4);
  ASSERT_OK_AND_ASSIGN(const EventRow event, deliveries_.FindEvent(shard_, Key(3)));
  ASSERT_THAT(event.attempts, SizeIs(2));
  EXPECT_EQ(event.attempts[0].attempt_id, claim.attempt_id);
  EXPECT_EQ(event.attempts[1].number, 2);
}

TEST_F(PostgresLedgerTest, ACloserLookAtAnUnknownShardOrEvent) {
  EXPECT_THAT(deliveries_.FindEvent(shard_, Key(99)),
              support::StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(deliveries_.Delivery(9999), support::StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PostgresLedgerTest, FoldingChangesNoCount) {
  NewLot suppressed = Lot({5, 6, 7, 8});
  suppressed.suppressed = true;
  AppendOne(suppressed);
  AppendOne(Lot({0, 1, 2}));
  const ClaimRequest claim = NewClaim();
  const ClaimResult claimed = Claim(claim);
  ASSERT_OK(ledger_.Record(
      Outcome(claim, claimed.batch, AttemptOutcome::kDelivered, DeliveryState::kDelivered)));
  // As if all that had happened ten minutes ago.
  Run("update lot set received_time = received_time - interval '10 minutes';"
      "update attempt set sent_time = sent_time - interval '10 minutes',"
      "  recorded_time = recorded_time - interval '10 minutes'");
  AppendOne(Lot({3, 4}));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(CountOf(DeliveryState::kDelivered), 3);
    EXPECT_EQ(CountOf(DeliveryState::kPending), 2);
    EXPECT_EQ(CountOf(DeliveryState::kSuppressed), 4);
    EXPECT_EQ(CoverageCount(CoverageStage::kRecorded), 5);
    EXPECT_EQ(CoverageCount(CoverageStage::kDelivered), 3);
    ASSERT_OK_AND_ASSIGN(FoldResult folded, deliveries_.Compact(shard_));
    EXPECT_EQ(folded.rows > 0, i == 0);
    while (folded.behind) {
      ASSERT_OK_AND_ASSIGN(folded, deliveries_.Compact(shard_));
    }
  }
}

TEST_F(PostgresLedgerTest, CoverageOfATimeRangeIsExactAtItsEdges) {
  AppendOne(Lot({0, 1, 2}));
  Run("update lot set received_time = '2026-01-01 10:15:00+00'");
  AppendOne(Lot({3, 4}));
  const auto count = [&](std::string_view start, std::string_view end) {
    CoverageQuery query;
    absl::Time time;
    std::string error;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, std::string(start), &time, &error));
    query.start_time = time;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, std::string(end), &time, &error));
    query.end_time = time;
    int64_t sum = 0;
    const absl::StatusOr<std::vector<CoveragePeriod>> periods = deliveries_.Coverage(shard_, query);
    EXPECT_OK(periods);
    for (const CoveragePeriod& period : *periods) {
      for (const auto& [key, n] : period.counts) sum += n;
    }
    return sum;
  };
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(count("2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"), 3);
    EXPECT_EQ(count("2026-01-01T10:14:00Z", "2026-01-01T10:16:00Z"), 3);
    EXPECT_EQ(count("2026-01-01T10:15:00Z", "2026-01-01T12:30:00Z"), 3);
    EXPECT_EQ(count("2026-01-01T10:16:00Z", "2026-01-01T12:30:00Z"), 0);
    EXPECT_EQ(count("2026-01-01T09:30:00Z", "2026-01-01T10:15:00Z"), 0);
    ASSERT_OK(deliveries_.Compact(shard_));
  }
}

class PostgresLedgerUnderTest final : public LedgerUnderTest {
 public:
  PostgresLedgerUnderTest() {
    const absl::StatusOr<Destination> destination =
        destinations_.Create({.destination_id = std::string(kPixel),
                              .kind = 1,
                              .token_id = "t1",
                              .sealed_token = "sealed"},
                             "somebody");
    if (!destination.ok()) throw std::runtime_error(destination.status().ToString());
    shard_ = destination->shards.at(0);
  }

  Ledger& ledger() override { return ledger_; }
  int32_t shard() const override { return shard_; }
  absl::Time Now() const override { return absl::Now(); }

  Event EventAt(const Uuid& event_key) override {
    const absl::StatusOr<EventRow> row = deliveries_.FindEvent(shard_, event_key);
    EXPECT_OK(row);
    if (!row.ok()) return {};
    Event event = {.state = row->state,
                   .state_reason = row->state_reason,
                   .next_attempt_time = row->next_attempt_time,
                   .first_sent_time = row->first_sent_time,
                   .final_time = row->final_time};
    for (const TransitionRow& transition : row->transitions) {
      event.transition_reasons.push_back(transition.reason);
    }
    return event;
  }

  std::map<DeliveryState, int64_t> Counts() override {
    const absl::StatusOr<ShardDelivery> delivery = deliveries_.Delivery(shard_);
    EXPECT_OK(delivery);
    std::map<DeliveryState, int64_t> counts;
    if (!delivery.ok()) return counts;
    for (const auto& [state, count] : delivery->counts) {
      if (count != 0) counts[state] = count;
    }
    return counts;
  }

  void SetPaused(bool paused) override {
    EXPECT_OK(paused ? destinations_.Pause(kPixel, PauseKind::kOperator, "maintenance", "somebody")
                     : destinations_.Resume(kPixel, PauseKind::kNone, "somebody"));
  }

  void MakeGroupsDue() override {
    EXPECT_OK(WithConnection(pool_, [](Connection& connection) {
      connection.ExecuteScript("update lot set next_attempt_time = now() where queue = 3");
      return true;
    }));
  }

 private:
  static constexpr std::string_view kPixel = "pixel-1";
  const std::unique_ptr<support::TestDatabase> database_ = support::TestDatabase::Create();
  ConnectionPool pool_{{.connection = {.url = database_->url()}}};
  PostgresDestinationStore destinations_{pool_};
  IdentityFilters filters_;
  PostgresLedger ledger_{pool_, pool_, filters_};
  PostgresDeliveryStore deliveries_{pool_};
  int32_t shard_ = 0;
};

std::unique_ptr<LedgerUnderTest> Make() { return std::make_unique<PostgresLedgerUnderTest>(); }

INSTANTIATE_TEST_SUITE_P(Postgres, LedgerSuite, ::testing::Values(Make));
INSTANTIATE_TEST_SUITE_P(Postgres, LedgerIsolationSuite, ::testing::Values(Make));
INSTANTIATE_TEST_SUITE_P(Postgres, LedgerLateSuccessSuite, ::testing::Values(Make));

}  // namespace
}  // namespace snapledger::storage
