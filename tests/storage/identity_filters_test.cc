// The filters of closed identity partitions on a real PostgreSQL: made, read, asked, damaged.

#include "storage/identity_filters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "storage/postgres_identity.h"
#include "storage/postgres_ledger.h"
#include "storage/rollup.h"
#include "tests/support/destination_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::snapledger::support::IsOkAndHolds;
using ::snapledger::support::StatusIs;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr size_t kEnough = size_t{64} << 20;

class OneByteComposer final : public LotComposer {
 public:
  absl::StatusOr<LotContents> Compose(int32_t, int64_t, const std::vector<bool>&) override {
    return LotContents{.payload = "x",
                       .rollup = PackRollup({{{.name_label = 1, .supplied = 1, .usable = 1}, 1}}),
                       .event_count = 1,
                       .json_bytes = 1,
                       .oldest_event_time = absl::Now()};
  }
};

class IdentityFiltersTest : public support::DestinationTest {
 protected:
  static Uuid Key(uint8_t number) { return {number}; }

  // Whether the ledger held it already.
  bool AppendIsHeld(uint8_t number) { return AppendIsHeld(number, ledger_); }

  bool AppendIsHeld(uint8_t number, PostgresLedger& ledger) {
    const NewLot lot = {
        .shard = shard_,
        .events = {{.event_key = Key(number), .content_digest = 7, .event_time = absl::Now()}},
        .composer = &composer_};
    const absl::StatusOr<std::vector<AppendedLot>> appended = ledger.Append({&lot, 1});
    EXPECT_OK(appended);
    return appended.ok() && !appended->at(0).held.empty();
  }

  void Roll() {
    ASSERT_THAT(partitions_.RollIfDue(absl::ZeroDuration(), 1'000'000), IsOkAndHolds(true));
    // The first append after a roll learns of it.
    AppendIsHeld(255);
  }

  FiltersRead Read(size_t bytes_max = kEnough) {
    absl::StatusOr<FiltersRead> read = partitions_.ReadFilters(bytes_max);
    EXPECT_OK(read);
    return read.value_or(FiltersRead());
  }

  std::shared_ptr<const IdentityFilters::ByPartition> Held() {
    constexpr Statement kLife = {"server_life", "select server_life()"};
    return filters_.HeldIn(pool().Take()->Execute(kLife).Text(0, 0));
  }

  // Puts a key into partition 1, into a lot that is there, behind the back of its filter or of the
  // process that appended the lot.
  void PutIntoTheClosedPartition(uint8_t number) { PutIntoTheClosedPartition(number, shard_); }

  void PutIntoTheClosedPartition(uint8_t number, int32_t shard) {
    constexpr Statement kPut = {
        "put_identity",
        "insert into identity select $1, lot_id, content_digest, event_time, $2,"
        " partition_number, name_label, source_label, usable, position"
        " from identity where partition_number = 1 limit 1"};
    pool().Take()->Execute(kPut, Parameters().UuidValue(Key(number)).Int4(shard));
  }

  // Moves its rows, into a file of another name. Of lot_id_block it is what tells lives of the
  // server apart, beside its start.
  void RewriteTable(const std::string& table) {
    pool().Take()->ExecuteScript("vacuum full " + table);
  }

  // More than one range of pages, and of lots that are not there: as another process would.
  void FillTheOpenPartition() {
    constexpr Statement kFill = {
        "fill_identity",
        "insert into identity (shard, partition_number, lot_id, event_key, content_digest,"
        " event_time, name_label, source_label, usable, position)"
        " select 1 + n % 2, 1, 1000000, md5(n::text)::uuid, n, now(), 1, 1, 1, 0"
        " from generate_series(1, 60000) n"};
    pool().Take()->Execute(kFill);
    ListAnother();
  }

  // In partition 1, as one who appended to it.
  void ListAnother() {
    constexpr Statement kList = {"list_another", "insert into identity_appender values (1, $1)"};
    pool().Take()->Execute(kList, Parameters().UuidValue(Key(77)));
  }

  int64_t AppendersOf(int32_t partition) {
    constexpr Statement kCount = {
        "count_appenders", "select count(*) from identity_appender where partition_number = $1"};
    return pool().Take()->Execute(kCount, Parameters().Int4(partition)).Int8(0, 0);
  }

  // Of the closed partitions, all of which must have a filter in memory.
  int KeysOutsideTheirFilter() {
    constexpr Statement kKeys = {
        "keys_of_closed_partitions",
        "select shard, event_key, partition_number from identity join identity_partition"
        " using (partition_number) where close_time is not null"};
    const Result keys = pool().Take()->Execute(kKeys);
    EXPECT_GT(keys.row_count(), 0);
    const std::shared_ptr<const IdentityFilters::ByPartition> held = Held();
    int missed = 0;
    for (int row = 0; row < keys.row_count(); ++row) {
      const KeyFilter::Hash hash = KeyFilter::HashOf(keys.Int4(row, 0), keys.UuidValue(row, 1));
      missed += held->at(keys.Int4(row, 2))->MayHold(hash) ? 0 : 1;
    }
    return missed;
  }

  OneByteComposer composer_;
  absl::Notification stop_;
  IdentityFilters filters_;
  PostgresLedger ledger_{pool(), pool(), filters_};
  PostgresIdentityPartitions partitions_{pool(), filters_};
};

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
