// Counters of hours and days on a real PostgreSQL, against a recount of the slices.

#include "storage/coverage_counters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "storage/migrator.h"
#include "storage/postgres_deliveries.h"
#include "storage/random_uuid.h"
#include "storage/rollup.h"
#include "storage/transaction.h"
#include "tests/support/destination_fixture.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr CoverageGrain kGrains[] = {CoverageGrain::kHour, CoverageGrain::kDay};
constexpr CoverageStage kStages[] = {CoverageStage::kRecorded, CoverageStage::kDelivered};

constexpr Statement kReceive = {
    "test_receive",
    "insert into lot (shard, lot_id, first_position, last_position, event_count, json_bytes, state,"
    "   queue, next_attempt_time, received_time, oldest_event_time, rollup)"
    " values ($1, $2, 0, 0, 1, 1, 1, 1, $3, $3, $3, $4)"};
constexpr Statement kDeliver = {
    "test_deliver",
    "update lot set state = 4, queue = 0, final_time = $3 where shard = $1 and lot_id = $2"};
constexpr Statement kTellDelivery = {
    "test_tell_delivery",
    "insert into transition (shard, lot_id, transition_id, transition_time, event_count,"
    "   first_position, last_position, from_state, to_state, reason, actor)"
    " values ($1, $2, $4, $3, 1, 0, 0, 3, 4, '', '')"};
constexpr Statement kSetFolded = {
    "test_set_folded", "update counter_progress set folded_through = $2 where shard = $1"};

constexpr RollupKey kShop = {
    .name_label = 1, .source_label = 2, .action_source = 1, .supplied = 3, .usable = 1};
constexpr RollupKey kShopBoth = {
    .name_label = 1, .source_label = 2, .action_source = 1, .supplied = 3, .usable = 3};
constexpr RollupKey kTill = {
    .name_label = 1, .source_label = 3, .action_source = 3, .supplied = 1, .usable = 1};

using CoverageByPeriod = std::map<absl::Time, Rollup>;

CoverageByPeriod Sum(const absl::StatusOr<std::vector<CoveragePeriod>>& periods) {
  EXPECT_OK(periods);
  CoverageByPeriod sums;
  for (const CoveragePeriod& period : *periods) {
    for (const auto& [key, count] : period.counts) sums[period.start][key] += count;
  }
  return sums;
}

class CoverageCountersTest : public support::DestinationTest {
 protected:
  void Execute(const Statement& statement, const Parameters& parameters) {
    ASSERT_OK(WithConnection(pool(), [&](Connection& connection) {
      connection.Execute(statement, parameters);
      return true;
    }));
  }

  void Receive(int64_t lot, absl::Time time, const Rollup& rollup) {
    Execute(kReceive, Parameters().Int4(shard_).Int8(lot).Time(time).Bytes(PackRollup(rollup)));
  }
  void Deliver(int64_t lot, absl::Time time) {
    const auto parameters = [&] { return Parameters().Int4(shard_).Int8(lot).Time(time); };
    Execute(kDeliver, parameters());
    Execute(kTellDelivery, parameters().UuidValue(RandomUuid()));
  }
  // As if nothing had happened until then, and that were folded.
  void SetFolded(absl::Time through) {
    Execute(kSetFolded, Parameters().Int4(shard_).Time(through));
  }
  // Ten minutes a step.
  void Fold(int steps) {
    for (int i = 0; i < steps; ++i) ASSERT_OK(deliveries_.Compact(shard_));
  }

  CoverageByPeriod Counted(const CoverageQuery& query) {
    return Sum(deliveries_.Coverage(shard_, query));
  }
  CoverageByPeriod Recounted(const CoverageQuery& query) {
    return Sum(deliveries_.RecountCoverage(shard_, query));
  }
  void ExpectARecountAgrees(std::optional<absl::Time> start = {},
                            std::optional<absl::Time> end = {}) {
    for (const CoverageStage stage : kStages) {
      for (const CoverageGrain grain : kGrains) {
        const CoverageQuery query = {
            .stage = stage, .grain = grain, .start_time = start, .end_time = end};
        EXPECT_EQ(Counted(query), Recounted(query))
            << "stage " << static_cast<int>(stage) << ", grain " << static_cast<int>(grain)
            << ", from " << start.value_or(absl::InfinitePast()) << " to "
            << end.value_or(absl::InfiniteFuture());
      }
    }
  }

  const absl::Time midnight_ = absl::UnixEpoch() +
                               absl::Floor(absl::Now() - absl::UnixEpoch(), absl::Hours(24)) -
                               absl::Hours(72);
  PostgresDeliveryStore deliveries_{pool()};
};

TEST_F(CoverageCountersTest, FoldsOverMidnightEqualARecount) {
  Receive(1, midnight_ - absl::Minutes(25), {{kShop, 2}, {kTill, 1}});
  Receive(2, midnight_ - absl::Microseconds(1), {{kShop, 3}});
  Receive(3, midnight_, {{kShopBoth, 4}});
  Receive(4, midnight_ + absl::Minutes(5), {{kShop, 5}, {kShopBoth, 6}});
  Receive(5, midnight_ + absl::Minutes(65), {{kShop, 7}});
  Deliver(1, midnight_ - absl::Minutes(20));
  Deliver(4, midnight_ + absl::Minutes(70));
  SetFolded(midnight_ - absl::Hours(1));
  for (int step = 0; step < 15; ++step) {
    ExpectARecountAgrees();
    Fold(1);
  }
  ExpectARecountAgrees();
  EXPECT_THAT(
      Counted({.grain = CoverageGrain::kDay}),
      ElementsAre(
          Pair(midnight_ - absl::Hours(24), UnorderedElementsAre(Pair(kShop, 5), Pair(kTill, 1))),
          Pair(midnight_, UnorderedElementsAre(Pair(kShop, 12), Pair(kShopBoth, 10)))));
}

TEST_F(CoverageCountersTest, ALateDeliveryCountsOnTheDayOfReceipt) {
  Receive(1, midnight_ - absl::Minutes(30), {{kShop, 2}});
  Receive(2, midnight_ - absl::Minutes(29), {{kShop, 3}, {kTill, 1}});
  Deliver(1, midnight_ - absl::Minutes(28));
  SetFolded(midnight_ - absl::Hours(1));
  Fold(6);
  Deliver(2, midnight_ + absl::Hours(30));
  SetFolded(midnight_ + absl::Hours(30) - absl::Minutes(1));
  ExpectARecountAgrees();
  Fold(1);
  ExpectARecountAgrees();
  EXPECT_THAT(Counted({.stage = CoverageStage::kDelivered, .grain = CoverageGrain::kDay}),
              ElementsAre(Pair(midnight_ - absl::Hours(24),
                               UnorderedElementsAre(Pair(kShop, 5), Pair(kTill, 1)))));
}

TEST_F(CoverageCountersTest, AFoldThatFailsLeavesNothingAndIsRepeated) {
  Receive(1, midnight_ - absl::Minutes(5), {{kShop, 2}});
  Receive(2, midnight_ + absl::Minutes(5), {{kShop, 3}});
  SetFolded(midnight_ - absl::Minutes(10));
  Fold(1);
  // The last thing a fold writes is how far it came.
  Run("alter table counter_progress add constraint stop check (folded_through < now() - "
      "interval '999 days') not valid");
  EXPECT_THAT(deliveries_.Compact(shard_), Not(support::IsOk()));
  ExpectARecountAgrees();
  Run("alter table counter_progress drop constraint stop");
  Fold(1);
  ExpectARecountAgrees();
}

TEST_F(CoverageCountersTest, EveryRangeEqualsARecount) {
  int64_t lot = 0;
  for (const int minutes : {-1500, -1441, -1440, -1380, -1, 0, 15, 59, 60, 719, 1439, 1440, 1530}) {
    Receive(++lot, midnight_ + absl::Minutes(minutes), {{kShop, lot}, {kTill, 1}});
    if (lot % 3 != 0) Deliver(lot, midnight_ + absl::Minutes(minutes + 1));
  }
  SetFolded(midnight_ - absl::Hours(26));
  // Up to ten in the morning of the second day: the rest is not folded yet.
  Fold(36 * 6);
  const std::optional<absl::Time> edges[] = {std::nullopt,
                                             midnight_ - absl::Hours(24),
                                             midnight_ - absl::Minutes(1395),
                                             midnight_,
                                             midnight_ + absl::Minutes(20),
                                             midnight_ + absl::Hours(1),
                                             midnight_ + absl::Hours(24),
                                             midnight_ + absl::Minutes(1530)};
  for (const auto& start : edges) {
    for (const auto& end : edges) ExpectARecountAgrees(start, end);
  }
}

TEST_F(CoverageCountersTest, WholeDaysCostNoHours) {
  Receive(1, midnight_ + absl::Hours(1), {{kShop, 2}});
  Receive(2, midnight_ + absl::Hours(25), {{kShop, 3}});
  SetFolded(midnight_);
  Fold(26 * 6);
  Run("delete from coverage_rollup where grain = 1");
  EXPECT_THAT(Counted({.grain = CoverageGrain::kDay, .start_time = midnight_}),
              ElementsAre(Pair(midnight_, ElementsAre(Pair(kShop, 2))),
                          Pair(midnight_ + absl::Hours(24), ElementsAre(Pair(kShop, 3)))));
  // The second day is cut: its hours would be asked.
  EXPECT_THAT(Counted({.grain = CoverageGrain::kDay,
                       .start_time = midnight_,
                       .end_time = midnight_ + absl::Hours(40)}),
              ElementsAre(Pair(midnight_, ElementsAre(Pair(kShop, 2)))));
}

TEST_F(CoverageCountersTest, AnUnknownShardIsNotFound) {
  EXPECT_THAT(deliveries_.Coverage(9999, {}), support::StatusIs(absl::StatusCode::kNotFound));
}

TEST(CoverageMigrationTest, CarriesTheCountersOver) {
  const auto database = support::TestDatabase::Create(support::TestDatabase::Schema::kNone);
  ASSERT_OK(Migrator(database->url(), EmbeddedMigrations().subspan(0, 7)).Migrate());
  ConnectionPool pool({.connection = {.url = database->url()}});
  ASSERT_OK(WithConnection(pool, [](Connection& connection) {
    connection.ExecuteScript(
        "set timezone = 'Pacific/Auckland';"
        "insert into counter_progress values (7, '2026-03-03 00:00Z');"
        "insert into coverage_counter (shard, stage, hour, name_label, source_label, action_source,"
        "  supplied, usable, event_count) values"
        "  (7, 1, '2026-03-01 23:00Z', 1, 2, 1, 3, 3, 5000000000),"
        "  (7, 1, '2026-03-02 00:00Z', 1, 2, 1, 3, 1, 2),"
        "  (7, 1, '2026-03-02 13:00Z', 1, 2, 1, 3, 1, 4),"
        "  (7, 1, '2026-03-02 13:00Z', 1, 2, 1, 3, 3, 1),"
        "  (7, 1, '2026-03-02 13:00Z', 1, 3, 3, 65535, 32768, 9),"
        "  (7, 2, '2026-03-02 13:00Z', 1, 3, 3, 1, 1, 8)");
    return true;
  }));
  ASSERT_OK(Migrator(database->url()).Migrate());
  constexpr RollupKey kEverything = {
      .name_label = 1, .source_label = 3, .action_source = 3, .supplied = 0xFFFF, .usable = 0x8000};
  const auto hour = [](int day, int hour) {
    return absl::FromCivil(absl::CivilHour(2026, 3, day, hour), absl::UTCTimeZone());
  };
  PostgresDeliveryStore deliveries(pool);
  EXPECT_THAT(Sum(deliveries.Coverage(7, {})),
              ElementsAre(Pair(hour(1, 23), ElementsAre(Pair(kShopBoth, 5'000'000'000))),
                          Pair(hour(2, 0), ElementsAre(Pair(kShop, 2))),
                          Pair(hour(2, 13), ElementsAre(Pair(kShop, 4), Pair(kShopBoth, 1),
                                                        Pair(kEverything, 9)))));
  EXPECT_THAT(Sum(deliveries.Coverage(7, {.grain = CoverageGrain::kDay})),
              ElementsAre(Pair(hour(1, 0), ElementsAre(Pair(kShopBoth, 5'000'000'000))),
                          Pair(hour(2, 0), ElementsAre(Pair(kShop, 6), Pair(kShopBoth, 1),
                                                       Pair(kEverything, 9)))));
  EXPECT_THAT(Sum(deliveries.Coverage(
                  7, {.stage = CoverageStage::kDelivered, .grain = CoverageGrain::kDay})),
              ElementsAre(Pair(hour(2, 0), ElementsAre(Pair(kTill, 8)))));
}

}  // namespace
}  // namespace snapledger::storage
