#include "storage/postgres_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "absl/strings/str_cat.h"
#include "storage/change_store.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::snapledger::support::IsOkAndHolds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int32_t kShard = 7;
const absl::Time kToday = absl::FromUnixSeconds(1'780'012'800);

MATCHER_P2(Lot, id, bytes, "") { return arg.place.lot_id == id && arg.json_bytes == bytes; }

class ValueStoreTest : public support::PostgresTest {
 protected:
  // A slice of ten bytes a position.
  void Insert(int64_t lot_id, int first, int last, absl::Time received, int32_t shard = kShard) {
    const std::string time = absl::StrCat("to_timestamp(", absl::ToUnixSeconds(received), ")");
    Run(absl::StrCat(
        "insert into lot (shard, lot_id, first_position, last_position, event_count, json_bytes,"
        " state, queue, next_attempt_time, received_time, oldest_event_time, rollup) values (",
        shard, ",", lot_id, ",", first, ",", last, ",", last - first + 1, ",",
        10 * (last - first + 1), ",1,1,", time, ",", time, ",", time, ",'')"));
  }

  ValueTurn Turn() {
    const absl::StatusOr<std::optional<ValueTurn>> turn =
        store_.TakeTurn(kShard, absl::ZeroDuration());
    EXPECT_OK(turn);
    return turn.ok() && *turn ? **turn : ValueTurn{};
  }

  PostgresValueStore store_{pool()};
};

TEST_F(ValueStoreTest, OneTurnAnIntervalOfAShard) {
  ASSERT_OK_AND_ASSIGN(const std::optional<ValueTurn> first,
                       store_.TakeTurn(kShard, absl::Minutes(5)));
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->counted.received_time, absl::InfinitePast());
  ASSERT_OK_AND_ASSIGN(const std::optional<ValueTurn> too_soon,
                       store_.TakeTurn(kShard, absl::Minutes(5)));
  EXPECT_FALSE(too_soon.has_value());
  EXPECT_OK(store_.TakeTurn(kShard + 1, absl::Minutes(5)));
  Run("update value_progress set next_turn_time = now()");
  ASSERT_OK_AND_ASSIGN(const std::optional<ValueTurn> second,
                       store_.TakeTurn(kShard, absl::Minutes(5)));
  ASSERT_TRUE(second.has_value());
  EXPECT_GT(second->settled_time, first->settled_time);
}

TEST_F(ValueStoreTest, LotsComeOnceInTheOrderOfReceipt) {
  Insert(5, 0, 2, kToday);
  Insert(5, 3, 9, kToday);  // the same lot, cut
  Insert(3, 0, 0, kToday);
  Insert(4, 0, 0, kToday + absl::Seconds(1));
  Insert(2, 0, 0, kToday + absl::Seconds(2));
  Insert(1, 0, 0, kToday, kShard + 1);
  const absl::Time through = kToday + absl::Seconds(1);
  ASSERT_OK_AND_ASSIGN(const std::vector<LotToCount> all,
                       store_.LotsAfter(kShard, {}, through, 10));
  EXPECT_THAT(all, ElementsAre(Lot(3, 10), Lot(5, 100), Lot(4, 10)));
  ASSERT_OK_AND_ASSIGN(const std::vector<LotToCount> one,
                       store_.LotsAfter(kShard, all[0].place, through, 1));
  EXPECT_THAT(one, ElementsAre(Lot(5, 100)));
  ASSERT_OK_AND_ASSIGN(
      const std::vector<LotToCount> rest,
      store_.LotsAfter(kShard, {kToday, std::numeric_limits<int64_t>::max()}, through, 10));
  EXPECT_THAT(rest, ElementsAre(Lot(4, 10)));
}

TEST_F(ValueStoreTest, SketchesAreWrittenWithThePlaceOrNotAtAll) {
  const CountedPlace from = Turn().counted;
  const CountedPlace to = {kToday + absl::Hours(3), 9};
  EXPECT_THAT(store_.Move(kShard, from, to, {{kToday, 1, "email"}, {kToday, 2, "phone"}}),
              IsOkAndHolds(true));
  // Whoever read the place before comes too late.
  EXPECT_THAT(store_.Move(kShard, from, to, {{kToday, 1, "other"}}), IsOkAndHolds(false));
  EXPECT_EQ(Turn().counted, to);
  ASSERT_OK_AND_ASSIGN(const StoredValueSketches stored,
                       store_.Read(kShard, kToday, kToday + absl::Hours(24)));
  EXPECT_EQ(stored.counted, to);
  ASSERT_THAT(stored.rows, SizeIs(2));
  EXPECT_EQ(stored.rows[0].sketch, "email");
  EXPECT_EQ(stored.rows[1].kind, 2);
  EXPECT_EQ(stored.rows[1].day, kToday);
  EXPECT_THAT(store_.Move(kShard, to, {to.received_time, 10}, {{kToday, 1, "more"}}),
              IsOkAndHolds(true));
  ASSERT_OK_AND_ASSIGN(const StoredValueSketches again,
                       store_.Read(kShard, absl::InfinitePast(), absl::InfiniteFuture()));
  ASSERT_THAT(again.rows, SizeIs(2));
  EXPECT_EQ(again.rows[0].sketch, "more");
  ASSERT_OK_AND_ASSIGN(const StoredValueSketches other_day,
                       store_.Read(kShard, kToday + absl::Hours(24), absl::InfiniteFuture()));
  EXPECT_THAT(other_day.rows, IsEmpty());
}

TEST_F(ValueStoreTest, ForgetsWhatIsOlderThanAYear) {
  const CountedPlace first = Turn().counted;
  const absl::Time old = kToday - absl::Hours(24 * 3650);
  EXPECT_THAT(store_.Move(kShard, first, {kToday, 1}, {{old, 1, "email"}}), IsOkAndHolds(true));
  ASSERT_OK_AND_ASSIGN(const StoredValueSketches stored,
                       store_.Read(kShard, absl::InfinitePast(), absl::InfiniteFuture()));
  EXPECT_THAT(stored.rows, IsEmpty());
}

}  // namespace
}  // namespace snapledger::storage
