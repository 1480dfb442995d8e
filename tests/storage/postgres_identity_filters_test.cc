// The filters of closed identity partitions, made of keys that a process kept as it appended them.

#include <atomic>
#include <thread>

#include "tests/storage/identity_filters_fixture.h"

namespace snapledger::storage {
namespace {

using ::snapledger::support::IsOkAndHolds;
using ::snapledger::support::StatusIs;

// Of a process that has begun to keep the keys it appends.
class KeptIdentityFiltersTest : public IdentityFiltersTest {
 protected:
  void SetUp() override {
    IdentityFiltersTest::SetUp();
    EXPECT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(false));
  }

  void CloseAndFilter() {
    Roll();
    ASSERT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
    Read();
  }
};

TEST_F(KeptIdentityFiltersTest, OfALotThisProcessAppendedNothingIsReadBack) {
  EXPECT_FALSE(AppendIsHeld(1));
  PutIntoTheClosedPartition(9);
  ListAnother();
  CloseAndFilter();
  EXPECT_TRUE(AppendIsHeld(1));
  EXPECT_FALSE(AppendIsHeld(9));
}

TEST_F(KeptIdentityFiltersTest, NothingIsReadBackWhereThisProcessAppendedAlone) {
  EXPECT_FALSE(AppendIsHeld(1));
  PutIntoTheClosedPartition(9, shard_ + 1);
  CloseAndFilter();
  EXPECT_TRUE(AppendIsHeld(1));
  EXPECT_FALSE(Held()->at(1)->MayHold(KeyFilter::HashOf(shard_ + 1, Key(9))));
}

TEST_F(KeptIdentityFiltersTest, AProcessListsItselfOnceInEachPartitionUntilThatHasAFilter) {
  EXPECT_FALSE(AppendIsHeld(1));
  EXPECT_FALSE(AppendIsHeld(2));
  EXPECT_EQ(AppendersOf(1), 1);
  CloseAndFilter();
  EXPECT_EQ(AppendersOf(2), 1);
  EXPECT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(false));
  EXPECT_EQ(AppendersOf(1), 0);
}

TEST_F(KeptIdentityFiltersTest, WhereNobodyIsListedAllIsReadBack) {
  EXPECT_FALSE(AppendIsHeld(1));
  pool().Take()->ExecuteScript("delete from identity_appender");
  PutIntoTheClosedPartition(9, shard_ + 1);
  CloseAndFilter();
  EXPECT_TRUE(Held()->at(1)->MayHold(KeyFilter::HashOf(shard_ + 1, Key(9))));
}

TEST_F(KeptIdentityFiltersTest, AllIsReadBackWhereAnAppendMayHaveCommittedAfterAll) {
  EXPECT_FALSE(AppendIsHeld(1));
  PutIntoTheClosedPartition(9, shard_ + 1);
  pool().Take()->ExecuteScript(
      "alter table lot_payload add constraint nothing_fits check (false) not valid");
  const NewLot lot = {.shard = shard_,
                      .events = {{.event_key = Key(2), .event_time = absl::Now()}},
                      .composer = &composer_};
  EXPECT_FALSE(ledger_.Append({&lot, 1}).ok());
  pool().Take()->ExecuteScript("alter table lot_payload drop constraint nothing_fits");
  CloseAndFilter();
  EXPECT_TRUE(Held()->at(1)->MayHold(KeyFilter::HashOf(shard_ + 1, Key(9))));
}

TEST_F(KeptIdentityFiltersTest, WhatAnotherProcessAppendedIsReadBack) {
  EXPECT_FALSE(AppendIsHeld(1));
  IdentityFilters filters_of_other;
  PostgresLedger other(pool(), pool(), filters_of_other);
  EXPECT_FALSE(AppendIsHeld(2, other));
  CloseAndFilter();
  EXPECT_TRUE(AppendIsHeld(1));
  EXPECT_TRUE(AppendIsHeld(2));
  EXPECT_FALSE(AppendIsHeld(3));
}

TEST_F(KeptIdentityFiltersTest, ALotOfAnotherShardIsReadBackThoughItHasTheSameId) {
  EXPECT_FALSE(AppendIsHeld(1));
  PutIntoTheClosedPartition(9, shard_ + 1);
  ListAnother();
  CloseAndFilter();
  EXPECT_TRUE(Held()->at(1)->MayHold(KeyFilter::HashOf(shard_ + 1, Key(9))));
}

TEST_F(KeptIdentityFiltersTest, WhatWasAppendedInAnotherLifeOfTheServerIsReadBack) {
  EXPECT_FALSE(AppendIsHeld(1));
  Roll();
  constexpr Statement kLot = {"lot_of_identity",
                              "select shard, lot_id from identity where partition_number = 1"};
  const Result lot = pool().Take()->Execute(kLot);
  // As if that lot had other keys there.
  AppendedKeys::UnderWay(filters_.appended_keys(), "another", 1)
      .Committed({{{.lot = {lot.Int4(0, 0), lot.Int8(0, 1)}, .keys = {}}}});
  ASSERT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
  Read();
  EXPECT_TRUE(AppendIsHeld(1));
}

TEST_F(KeptIdentityFiltersTest, AFilterWhoseMakingCameToNothingIsMadeOfWhatIsRead) {
  EXPECT_FALSE(AppendIsHeld(1));
  ListAnother();
  Roll();
  absl::Notification stopping;
  stopping.Notify();
  EXPECT_THAT(partitions_.MakeFilter(stopping), StatusIs(absl::StatusCode::kCancelled));
  ASSERT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
  Read();
  EXPECT_TRUE(AppendIsHeld(1));
}

TEST_F(KeptIdentityFiltersTest, EveryKeyOfMixedAppendsIsHeld) {
  // Each append has lots of two shards; half the keys of the second shard are repeats.
  constexpr uint8_t kAppends = 40;
  for (uint8_t i = 0; i < kAppends; ++i) {
    std::vector<NewLot> lots(2, {.composer = &composer_});
    for (uint8_t event = 0; event < 20; ++event) {
      const auto repeating = static_cast<uint8_t>(event < 10 && i > 0 ? i - 1 : i);
      lots[0].events.push_back({.event_key = {i, event}, .event_time = absl::Now()});
      lots[1].events.push_back({.event_key = {repeating, event}, .event_time = absl::Now()});
    }
    lots[0].shard = shard_;
    lots[1].shard = shard_ + 1;
    EXPECT_OK(ledger_.Append(lots));
    if (i == kAppends / 2) Roll();
  }
  Roll();
  ASSERT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
  ASSERT_THAT(partitions_.MakeFilter(stop_), IsOkAndHolds(true));
  Read();
  EXPECT_EQ(KeysOutsideTheirFilter(), 0);
}

TEST_F(KeptIdentityFiltersTest, AFilterOfManyPagesLeavesOutTheKnownLotsInEachRange) {
  FillTheOpenPartition();
  EXPECT_FALSE(AppendIsHeld(1));
  CloseAndFilter();
  EXPECT_EQ(KeysOutsideTheirFilter(), 0);
  constexpr Statement kCount = {"key_count", "select key_count from identity_filter"};
  EXPECT_EQ(pool().Take()->Execute(kCount).Int8(0, 0), 60001);
}

TEST_F(KeptIdentityFiltersTest, WritersThatRaceRollsAndTheMakingOfFiltersAcceptAKeyOnce) {
  constexpr uint8_t kKeys = 200;
  std::atomic<int> accepted = 0;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&] {
      ConnectionPool own({.connection = {.url = url()}});
      PostgresLedger ledger(own, own, filters_);
      for (uint8_t key = 0; key < kKeys; ++key) accepted += AppendIsHeld(key, ledger) ? 0 : 1;
    });
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_OK(partitions_.RollIfDue(absl::ZeroDuration(), 1'000'000));
    EXPECT_OK(partitions_.MakeFilter(stop_));
    EXPECT_OK(partitions_.ReadFilters(kEnough));
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(accepted, kKeys);
  Roll();
  while (partitions_.MakeFilter(stop_).value_or(false)) continue;
  EXPECT_EQ(Read().partitions_without, 0);
  EXPECT_EQ(KeysOutsideTheirFilter(), 0);
}

}  // namespace
}  // namespace snapledger::storage
