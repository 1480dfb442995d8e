// Changes of state as the real tables tell them.

#include "storage/postgres_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/connection.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::FieldsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int32_t kShard = 7;
constexpr int kMany = 1000;

class PostgresChangesTest : public support::PostgresTest {
 protected:
  void SetUp() override {
    absl::StatusOr<absl::Time> now = changes_.DatabaseNow();
    ASSERT_OK(now);
    begin_ = *now - absl::Hours(1);
  }

  // A lot of ten events that was received at `time`, cut in two behind position 3.
  void InsertCutLot(int64_t lot_id, const std::string& time, int state = 1) {
    for (const auto& [first, last] : {std::pair(0, 3), std::pair(4, 9)}) {
      Run("insert into lot (shard, lot_id, first_position, last_position, event_count, json_bytes,"
          " state, queue, next_attempt_time, received_time, oldest_event_time, rollup, final_time,"
          " exceptional_state) values (7, " +
          std::to_string(lot_id) + ", " + std::to_string(first) + ", " + std::to_string(last) +
          ", " + std::to_string(last - first + 1) + ", 10, " + std::to_string(state) + ", " +
          (state == 1 ? "1" : "0") + ", now(), " + time + ", now(), '', " +
          (state == 1 ? "null, null)" : "now(), " + std::to_string(state) + ")"));
    }
  }

  // Attempt `digit` of a batch of the same digit: events 2 to 9 of lot 1 and 0 to 9 of lot 2.
  void InsertAttempt(char digit, const std::string& sent_time) {
    const std::string id = Id(digit);
    Run("insert into batch (shard, batch_id, event_count, lot_ids, first_positions,"
        " last_positions, fences, previous_attempt_ids) values (7, '" +
        id + "', 18, '{1,2}', '{2,0}', '{9,9}', '{1,1}', '{null,null}')");
    Run("insert into attempt (shard, attempt_id, batch_id, sent_time, lease_end_time, event_count,"
        " from_state, body_sha256, token_id) values (7, '" +
        id + "', '" + id + "', " + sent_time + ", now(), 18, 3, '', 't')");
  }

  void Record(char digit, const std::string& time, int left_count) {
    Run("update attempt set outcome = 2, to_state = 5, state_reason = 'why', recorded_time = " +
        time + ", left_count = " + std::to_string(left_count) +
        " where shard = 7 and attempt_id ='" + Id(digit) + "'");
  }

  static std::string TransitionOf(char digit, int lot_id, int first, int last, int from,
                                  const std::string& time) {
    return "insert into snapledger.transition (shard, lot_id, transition_id, event_count,"
           " first_position, last_position, from_state, to_state, reason, actor, transition_time)"
           " values (7, " +
           std::to_string(lot_id) + ", '" + Id(digit) + "', 1, " + std::to_string(first) + ", " +
           std::to_string(last) + ", " + std::to_string(from) + ", 5, 'named', 'dispatcher', " +
           time + ")";
  }

  static std::string Id(char digit) {
    return std::string(8, digit) + "-0000-0000-0000-000000000000";
  }

  std::vector<ChangeRow> Read(const ChangeKey& after, int limit = kMany) {
    absl::StatusOr<ChangePage> page = changes_.ReadChanges(kShard, after, limit);
    EXPECT_OK(page);
    return page.ok() ? page->changes : std::vector<ChangeRow>();
  }
  std::vector<ChangeRow> ReadAll() { return Read(LastChangeAt(begin_)); }

  std::vector<ChangeKind> KindsOf(const std::vector<ChangeRow>& rows) const {
    std::vector<ChangeKind> kinds;
    for (const ChangeRow& row : rows) kinds.push_back(row.key.kind);
    return kinds;
  }

  std::vector<LotRange> EventsOf(const ChangeRow& change) {
    absl::StatusOr<std::vector<LotRange>> ranges = changes_.EventsOf(kShard, change);
    EXPECT_OK(ranges);
    return *ranges;
  }

  PostgresChangeStore changes_{pool()};
  absl::Time begin_;
};

TEST_F(PostgresChangesTest, ALotIsReceivedOnceHoweverItIsCut) {
  InsertCutLot(1, "now()");
  InsertCutLot(2, "now() + interval '1 s'", /*state=*/10);
  const std::vector<ChangeRow> rows = ReadAll();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].lot_id, 1);
  EXPECT_EQ(rows[0].to_state, DeliveryState::kPending);
  EXPECT_EQ(rows[1].lot_id, 2);
  EXPECT_EQ(rows[1].to_state, DeliveryState::kSuppressed);
  const std::vector<LotRange> ranges = EventsOf(rows[0]);
  ASSERT_THAT(ranges, SizeIs(1));
  EXPECT_EQ(ranges[0].first_position, 0);
  EXPECT_GE(ranges[0].last_position, 9);
}

TEST_F(PostgresChangesTest, AnAttemptIsTwoChangesOfWhatItWasSentWith) {
  InsertAttempt('a', "now()");
  ASSERT_THAT(KindsOf(ReadAll()), ElementsAre(ChangeKind::kSent));
  Record('a', "now() + interval '1 s'", 0);
  const std::vector<ChangeRow> rows = ReadAll();
  ASSERT_THAT(KindsOf(rows), ElementsAre(ChangeKind::kSent, ChangeKind::kRecorded));
  EXPECT_EQ(rows[0].from_state, DeliveryState::kInDoubt);
  EXPECT_EQ(rows[0].to_state, DeliveryState::kInFlight);
  EXPECT_EQ(rows[1].from_state, DeliveryState::kInFlight);
  EXPECT_EQ(rows[1].to_state, DeliveryState::kRejected);
  EXPECT_EQ(rows[1].reason, "why");
  for (const ChangeRow& row : rows) {
    EXPECT_THAT(EventsOf(row), ElementsAre(FieldsAre(1, 2, 9), FieldsAre(2, 0, 9)));
  }
}

// What left the attempt is told by its own transition and not by the attempt's outcome.
TEST_F(PostgresChangesTest, EventsThatLeftAnAttemptAreNotPartOfItsOutcome) {
  const std::string time = "'2036-01-01 00:00:00+00'";
  InsertAttempt('a', "now()");
  Record('a', time, 3);
  Run(TransitionOf('1', 1, 2, 2, 2, time));
  Run(TransitionOf('2', 1, 9, 9, 2, time));
  Run(TransitionOf('3', 2, 4, 4, 2, time));
  Run(TransitionOf('4', 2, 6, 6, 1, time));  // another matter
  std::vector<ChangeRow> rows = ReadAll();
  ASSERT_THAT(rows, SizeIs(6));
  EXPECT_THAT(EventsOf(rows[1]),
              ElementsAre(FieldsAre(1, 3, 8), FieldsAre(2, 0, 3), FieldsAre(2, 5, 9)));
  EXPECT_THAT(EventsOf(rows[2]), ElementsAre(FieldsAre(1, 2, 2)));
  EXPECT_EQ(rows[2].reason, "named");
  EXPECT_EQ(rows[2].actor, "dispatcher");
}

// Every page size gives the same changes in the same order, also at one moment.
TEST_F(PostgresChangesTest, PagesGoOnByKey) {
  const std::string time = "'2036-01-01 00:00:00+00'";
  InsertCutLot(1, time);
  InsertCutLot(2, time);
  InsertAttempt('a', time);
  InsertAttempt('b', time);
  Record('a', time, 0);
  Run(TransitionOf('1', 1, 2, 2, 1, time));
  Run(TransitionOf('2', 1, 3, 3, 1, time));
  const std::vector<ChangeRow> all = ReadAll();
  ASSERT_THAT(all, SizeIs(7));
  for (int limit = 1; limit < 8; ++limit) {
    std::vector<ChangeRow> paged;
    ChangeKey after = LastChangeAt(begin_);
    while (true) {
      const std::vector<ChangeRow> page = Read(after, limit);
      paged.insert(paged.end(), page.begin(), page.end());
      if (page.size() < static_cast<size_t>(limit)) break;
      after = page.back().key;
    }
    ASSERT_EQ(paged.size(), all.size()) << limit;
    for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(paged[i].key, all[i].key) << limit;
  }
}

TEST_F(PostgresChangesTest, AnotherShardIsAnotherMatter) {
  InsertCutLot(1, "now()");
  const absl::StatusOr<ChangePage> page = changes_.ReadChanges(8, LastChangeAt(begin_), kMany);
  ASSERT_OK(page);
  EXPECT_THAT(page->changes, IsEmpty());
}

// A transaction that began first commits last: it appears behind what was read already.
TEST_F(PostgresChangesTest, ALateCommitAppearsAtItsTime) {
  Connection slow({.url = url()});
  slow.ExecuteScript("begin");
  slow.ExecuteScript(TransitionOf('1', 1, 0, 0, 1, "now()"));
  Run(TransitionOf('2', 1, 1, 1, 1, "now()"));
  const std::vector<ChangeRow> before = ReadAll();
  ASSERT_THAT(before, SizeIs(1));
  slow.ExecuteScript("commit");
  EXPECT_THAT(Read(before[0].key), IsEmpty());
  const std::vector<ChangeRow> after = ReadAll();
  ASSERT_THAT(after, SizeIs(2));
  EXPECT_LT(after[0].key.time, before[0].key.time);
  EXPECT_EQ(after[1].key, before[0].key);
}

TEST_F(PostgresChangesTest, SlicesOfLotsComeInOrder) {
  InsertCutLot(2, "now()");
  InsertCutLot(1, "now()");
  const std::vector<int64_t> lots = {2, 1, 3};
  const absl::StatusOr<std::vector<SliceRow>> slices = changes_.SlicesOf(kShard, lots);
  ASSERT_OK(slices);
  std::vector<std::pair<int64_t, int>> places;
  for (const SliceRow& slice : *slices) {
    places.emplace_back(slice.key.lot_id, slice.key.first_position);
  }
  EXPECT_THAT(places,
              ElementsAre(std::pair(1, 0), std::pair(1, 4), std::pair(2, 0), std::pair(2, 4)));
}

}  // namespace
}  // namespace snapledger::storage
