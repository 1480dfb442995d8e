// The filters of closed identity partitions on a real PostgreSQL: made, read, asked, damaged.

#include <thread>

#include "tests/storage/identity_filters_fixture.h"

namespace snapledger::storage {
namespace {

using ::snapledger::support::IsOkAndHolds;
using ::snapledger::support::StatusIs;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(IdentityFiltersTest, AClosedPartitionGetsOneFilter) {
  EXPECT_FALSE(AppendIsHeld(1));
  EXPECT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(false));
  Roll();
  EXPECT_EQ(Read().partitions_without, 1);
  EXPECT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
  EXPECT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(false));
  const FiltersRead read = Read();
  EXPECT_EQ(read.partitions_with, 1);
  EXPECT_EQ(read.partitions_without, 0);
  EXPECT_GT(read.bytes, 0);
}

TEST_F(IdentityFiltersTest, AProcessThatStopsLeavesTheFilterToAnother) {
  EXPECT_FALSE(AppendIsHeld(1));
  Roll();
  absl::Notification stopping;
  stopping.Notify();
  EXPECT_THAT(partitions_.MakeFilter(stopping), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(Read().partitions_without, 1);
  EXPECT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
}

TEST_F(IdentityFiltersTest, ARepeatIsFoundBeforeAndAfterTheFilterIsRead) {
  EXPECT_FALSE(AppendIsHeld(1));
  EXPECT_FALSE(AppendIsHeld(2));
  Roll();
  EXPECT_TRUE(AppendIsHeld(1));
  ASSERT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
  EXPECT_TRUE(AppendIsHeld(1));
  Read();
  EXPECT_TRUE(AppendIsHeld(1));
  EXPECT_TRUE(AppendIsHeld(2));
  EXPECT_FALSE(AppendIsHeld(3));
  EXPECT_TRUE(AppendIsHeld(3));
}

TEST_F(IdentityFiltersTest, WhatAFilterRulesOutIsNotAskedInTheDatabase) {
  EXPECT_FALSE(AppendIsHeld(1));
  Roll();
  ASSERT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
  Read();
  PutIntoTheClosedPartition(9);
  EXPECT_FALSE(AppendIsHeld(9));
}

TEST_F(IdentityFiltersTest, FiltersOfAnotherLifeOfTheServerAreNotAsked) {
  EXPECT_FALSE(AppendIsHeld(1));
  Roll();
  ASSERT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
  Read();
  RewriteTable("lot_id_block");
  // As in a standby that took over and whose partition 1 has other keys.
  PutIntoTheClosedPartition(9);
  EXPECT_TRUE(AppendIsHeld(9));
}

TEST_F(IdentityFiltersTest, FiltersAreReadAnewInAnotherLifeOfTheServer) {
  EXPECT_FALSE(AppendIsHeld(1));
  Roll();
  ASSERT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
  Read();
  const std::shared_ptr<const KeyFilter> before = Held()->at(1);
  RewriteTable("lot_id_block");
  EXPECT_THAT(*Held(), IsEmpty());
  Read();
  EXPECT_NE(Held()->at(1), before);
  EXPECT_TRUE(AppendIsHeld(1));
}

TEST_F(IdentityFiltersTest, LotIdsOfAnotherLifeOfTheServerAreNotGiven) {
  const auto next = [this] {
    constexpr Statement kNext = {"next_lot_id", "select next_lot_id from lot_id_block"};
    return pool().Take()->Execute(kNext).Int8(0, 0);
  };
  EXPECT_FALSE(AppendIsHeld(1));
  const int64_t first = next();
  EXPECT_FALSE(AppendIsHeld(2));
  EXPECT_EQ(next(), first);
  RewriteTable("lot_id_block");
  EXPECT_FALSE(AppendIsHeld(3));
  EXPECT_GT(next(), first);
}

TEST_F(IdentityFiltersTest, AFilterMadeBesideARewriteOrInTwoLivesIsThrownAway) {
  EXPECT_FALSE(AppendIsHeld(1));
  Roll();
  for (const char* const table : {"identity_1", "lot_id_block"}) {
    ConnectionPool::Lease locker = pool().Take();
    locker->ExecuteScript("begin; lock table identity_filter in exclusive mode");
    std::thread maker([&] { EXPECT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(false)); });
    // It has read the partition.
    constexpr Statement kWaits = {
        "waits",
        "select 1 from pg_locks where not granted and relation = 'identity_filter'::regclass"};
    while (locker->Execute(kWaits).row_count() == 0) continue;
    RewriteTable(table);
    locker->ExecuteScript("commit");
    maker.join();
    EXPECT_EQ(Read().partitions_without, 1);
  }
  EXPECT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
}

TEST_F(IdentityFiltersTest, WhatDoesNotFitIsAskedInTheDatabase) {
  EXPECT_FALSE(AppendIsHeld(1));
  Roll();
  EXPECT_FALSE(AppendIsHeld(2));
  Roll();
  ASSERT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
  ASSERT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
  const size_t both = Read().bytes;
  EXPECT_THAT(*Held(), SizeIs(2));
  const FiltersRead read = Read(both - 1);
  EXPECT_EQ(read.partitions_with, 1);
  EXPECT_EQ(read.left_out, 1);
  EXPECT_TRUE(Held()->contains(2));  // the newest
  EXPECT_TRUE(AppendIsHeld(1));
  EXPECT_TRUE(AppendIsHeld(2));
  Read(0);
  EXPECT_THAT(*Held(), IsEmpty());
}

TEST_F(IdentityFiltersTest, ADamagedFilterIsThrownAwayAndMadeAnew) {
  EXPECT_FALSE(AppendIsHeld(1));
  Roll();
  ASSERT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
  constexpr Statement kDamage = {"damage_filter",
                                 "update identity_filter set filter = set_byte(filter, 3,"
                                 " get_byte(filter, 3) # 1)"};
  pool().Take()->Execute(kDamage);
  const FiltersRead read = Read();
  EXPECT_EQ(read.damaged, 1);
  EXPECT_EQ(read.partitions_without, 1);
  EXPECT_TRUE(AppendIsHeld(1));
  EXPECT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
  EXPECT_EQ(Read().partitions_with, 1);
}

TEST_F(IdentityFiltersTest, AFilterOfManyPagesAndPartsHoldsEveryKey) {
  FillTheOpenPartition();
  Roll();
  ASSERT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
  Read();
  EXPECT_GT(Held()->at(1)->byte_count(), size_t{64} << 10);
  EXPECT_EQ(KeysOutsideTheirFilter(), 0);
}

}  // namespace
}  // namespace snapledger::storage
