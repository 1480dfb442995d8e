#include "storage/appended_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <utility>

namespace snapledger::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Lot = AppendedKeys::Lot;

const ServerLife kLife = "one";
const ServerLife kOtherLife = "another";

// That these are the keys, of those from 1 to 9.
MATCHER_P(HoldsKeys, keys, "") {
  const AppendedKeys::OfPartition& known = arg;
  if (known.key_count != static_cast<int64_t>(keys.size())) return false;
  std::vector<uint64_t> held;
  for (uint64_t key = 1; known.keys.has_value() && key <= 9; ++key) {
    if (known.keys->MayHold(KeyFilter::HashWith(key))) held.push_back(key);
  }
  return held == keys;
}

std::vector<uint64_t> Keys(std::vector<uint64_t> keys) { return keys; }

class AppendedKeysTest : public testing::Test {
 protected:
  void Commit(int32_t partition, const Lot& lot, std::vector<uint64_t> keys,
              const ServerLife& life = kLife) {
    AppendedKeys::UnderWay append(keys_, life, partition);
    append.Committed({{{.lot = lot, .keys = std::move(keys)}}});
  }

  // Of which nobody will know whether it committed.
  void LoseSightOf(int32_t partition) { AppendedKeys::UnderWay(keys_, kLife, partition); }

  AppendedKeys::OfPartition Take(int32_t partition, const ServerLife& life = kLife) {
    return keys_.Take(life, partition, absl::ZeroDuration());
  }

  AppendedKeys keys_;
};

TEST_F(AppendedKeysTest, NothingIsKeptForWhoMakesNoFilters) {
  Commit(1, {5, 7}, {1, 2});
  const AppendedKeys::OfPartition known = Take(1);
  EXPECT_THAT(known.lots, IsEmpty());
  EXPECT_FALSE(known.whole);
}

TEST_F(AppendedKeysTest, APartitionIsNotWholeWhereKeepingBeganAfterItsFirstKey) {
  Commit(1, {5, 7}, {1});
  keys_.Keep();
  Commit(1, {5, 8}, {2});
  Commit(2, {5, 9}, {3});
  const AppendedKeys::OfPartition first = Take(1);
  EXPECT_FALSE(first.whole);
  EXPECT_THAT(first.lots, ElementsAre(Lot{5, 8}));
  EXPECT_TRUE(Take(2).whole);
}

TEST_F(AppendedKeysTest, NoTwoAppendersHaveOneId) {
  EXPECT_NE(keys_.appender_id(), AppendedKeys().appender_id());
}

class KeptKeysTest : public AppendedKeysTest {
 protected:
  KeptKeysTest() { keys_.Keep(); }
};

TEST_F(KeptKeysTest, TellsTheKeysOfEachPartitionOnce) {
  Commit(1, {5, 7}, {1, 2});
  Commit(2, {5, 8}, {3});
  Commit(1, {6, 7}, {4});
  const AppendedKeys::OfPartition first = Take(1);
  EXPECT_TRUE(first.whole);
  EXPECT_THAT(first.lots, ElementsAre(Lot{5, 7}, Lot{6, 7}));
  EXPECT_THAT(first, HoldsKeys(Keys({1, 2, 4})));
  const AppendedKeys::OfPartition again = Take(1);
  EXPECT_FALSE(again.whole);
  EXPECT_THAT(again.lots, IsEmpty());
  EXPECT_THAT(again, HoldsKeys(Keys({})));
  EXPECT_THAT(Take(2), HoldsKeys(Keys({3})));
}

TEST_F(KeptKeysTest, WhatComesTooLateIsNotKept) {
  Commit(3, {5, 6}, {1});
  Take(2);
  Commit(2, {5, 7}, {1});
  Commit(1, {5, 8}, {2});
  EXPECT_THAT(Take(2).lots, IsEmpty());
  EXPECT_THAT(Take(1).lots, IsEmpty());
}

TEST_F(KeptKeysTest, AnAppendUnderWayIsWaitedFor) {
  std::optional<AppendedKeys::UnderWay> append(std::in_place, keys_, kLife, 1);
  AppendedKeys::OfPartition known;
  std::thread taker([&] { known = keys_.Take(kLife, 1, absl::InfiniteDuration()); });
  append->Committed({{{.lot = {5, 7}, .keys = {1}}}});
  append.reset();
  taker.join();
  EXPECT_TRUE(known.whole);
  EXPECT_THAT(known, HoldsKeys(Keys({1})));
}

TEST_F(KeptKeysTest, AnAppendThatDoesNotEndLeavesItsPartitionNotWhole) {
  Commit(1, {5, 7}, {1});
  AppendedKeys::UnderWay append(keys_, kLife, 1);
  AppendedKeys::UnderWay of_the_next(keys_, kLife, 2);
  EXPECT_FALSE(Take(1).whole);
  append.Committed({{{.lot = {5, 8}, .keys = {2}}}});
  of_the_next.Committed({{{.lot = {5, 9}, .keys = {3}}}});
}

TEST_F(KeptKeysTest, AnAppendThatMayHaveCommittedLeavesItsPartitionNotWhole) {
  Commit(1, {5, 7}, {1});
  LoseSightOf(1);
  Commit(2, {5, 8}, {2});
  EXPECT_FALSE(Take(1).whole);
  EXPECT_TRUE(Take(2).whole);
}

TEST_F(KeptKeysTest, AnAppendThatWasRolledBackChangesNothing) {
  Commit(1, {5, 7}, {1});
  AppendedKeys::UnderWay(keys_, kLife, 1).RolledBack();
  EXPECT_TRUE(Take(1).whole);
}

TEST_F(KeptKeysTest, AnotherLifeKnowsNothingOfWhatCameBefore) {
  Commit(1, {5, 7}, {1});
  EXPECT_THAT(Take(1, kOtherLife).lots, IsEmpty());
  Commit(1, {5, 8}, {2}, kOtherLife);
  Commit(2, {5, 9}, {3}, kOtherLife);
  EXPECT_THAT(Take(1, kLife).lots, IsEmpty());
  const AppendedKeys::OfPartition known = Take(1, kOtherLife);
  EXPECT_THAT(known.lots, ElementsAre(Lot{5, 8}));
  EXPECT_FALSE(known.whole);
  EXPECT_TRUE(Take(2, kOtherLife).whole);
}

TEST_F(KeptKeysTest, WhatMayHaveCommittedIsNotForgottenWithALife) {
  Commit(1, {5, 7}, {1});
  LoseSightOf(2);
  Commit(1, {5, 8}, {2}, kOtherLife);
  Commit(2, {5, 9}, {3}, kOtherLife);
  EXPECT_FALSE(Take(2, kOtherLife).whole);
}

TEST_F(KeptKeysTest, KeepsTheNewestTwoPartitions) {
  for (int32_t partition = 1; partition <= 3; ++partition) Commit(partition, {5, partition}, {1});
  const AppendedKeys::OfPartition oldest = Take(1);
  EXPECT_THAT(oldest.lots, IsEmpty());
  EXPECT_FALSE(oldest.whole);
  EXPECT_THAT(Take(2).lots, SizeIs(1));
  EXPECT_THAT(Take(3).lots, SizeIs(1));
}

TEST_F(KeptKeysTest, ALotIsKeptWholeOrNotAtAll) {
  Commit(1, {5, 7}, std::vector<uint64_t>(AppendedKeys::kKeysMax - 1));
  Commit(1, {5, 8}, {1, 2});  // one too many
  Commit(1, {5, 9}, {3});
  const AppendedKeys::OfPartition known = Take(1);
  EXPECT_FALSE(known.whole);
  EXPECT_THAT(known.lots, ElementsAre(Lot{5, 7}, Lot{5, 9}));
  EXPECT_EQ(known.key_count, AppendedKeys::kKeysMax);
  EXPECT_FALSE(known.keys->MayHold(KeyFilter::HashWith(2)));
  EXPECT_TRUE(known.keys->MayHold(KeyFilter::HashWith(3)));
}

TEST_F(KeptKeysTest, AFilterBeginsWithWhatIsKept) {
  Commit(1, {5, 7}, {1, 2});
  AppendedKeys::OfPartition known = Take(1);
  const KeyFilter filter = known.BeginFilter(1000);
  EXPECT_EQ(filter.byte_count(), known.keys->WithRoomFor(1000).byte_count());
  EXPECT_TRUE(filter.MayHold(KeyFilter::HashWith(1)));
  EXPECT_TRUE(filter.MayHold(KeyFilter::HashWith(2)));
  EXPECT_THAT(known.lots, SizeIs(1));
}

TEST_F(KeptKeysTest, AFilterOfFarMoreKeysBeginsWithNone) {
  Commit(1, {5, 7}, {1, 2});
  AppendedKeys::OfPartition known = Take(1);
  const KeyFilter filter = known.BeginFilter(AppendedKeys::kKeysMax + 1);
  EXPECT_EQ(filter.byte_count(), KeyFilter(AppendedKeys::kKeysMax + 1).byte_count());
  EXPECT_FALSE(filter.MayHold(KeyFilter::HashWith(1)));
  EXPECT_THAT(known.lots, IsEmpty());  // so that they are read
  EXPECT_FALSE(known.whole);
  EXPECT_EQ(known.key_count, 0);
}

TEST_F(KeptKeysTest, NamesSoManyLotsAndKeepsTheKeysOfAll) {
  constexpr size_t kKeysOfLot = AppendedKeys::kKeysOfManyLotsMin / AppendedKeys::kLotsMax;
  for (size_t lot = 0; lot <= AppendedKeys::kLotsMax; ++lot) {
    Commit(1, {5, static_cast<int64_t>(lot)}, std::vector<uint64_t>(kKeysOfLot, lot));
  }
  const AppendedKeys::OfPartition known = Take(1);
  EXPECT_TRUE(known.whole);
  EXPECT_THAT(known.lots, SizeIs(AppendedKeys::kLotsMax));
  EXPECT_EQ(known.key_count, AppendedKeys::kKeysOfManyLotsMin + int64_t{kKeysOfLot});
}

TEST_F(KeptKeysTest, NamesNoneOfManyLotsWithFewKeys) {
  for (size_t lot = 0; lot < AppendedKeys::kLotsMax; ++lot) {
    Commit(1, {5, static_cast<int64_t>(lot)}, {lot});
  }
  const AppendedKeys::OfPartition known = Take(1);
  EXPECT_TRUE(known.whole);
  EXPECT_THAT(known.lots, IsEmpty());
  EXPECT_EQ(known.key_count, int64_t{AppendedKeys::kLotsMax});
}

}  // namespace
}  // namespace snapledger::storage
