#include "storage/appended_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Lot = AppendedKeys::Lot;

const ServerLife kLife = "one";
const ServerLife kOtherLife = "another";

TEST(AppendedKeysTest, NothingIsKeptForWhoMakesNoFilters) {
  AppendedKeys keys;
  EXPECT_FALSE(keys.keeps());
  keys.Add(kLife, 1, {5, 7}, {1, 2});
  EXPECT_THAT(keys.Take(kLife, 1).lots, IsEmpty());
}

class KeptKeysTest : public testing::Test {
 protected:
  KeptKeysTest() { keys_.Keep(); }

  AppendedKeys keys_;
};

TEST_F(KeptKeysTest, TellsTheKeysOfEachPartitionOnce) {
  EXPECT_TRUE(keys_.keeps());
  keys_.Add(kLife, 1, {5, 7}, {1, 2});
  keys_.Add(kLife, 2, {5, 8}, {3});
  keys_.Add(kLife, 1, {6, 7}, {4});
  const AppendedKeys::OfPartition first = keys_.Take(kLife, 1);
  EXPECT_THAT(first.lots, ElementsAre(Lot{5, 7}, Lot{6, 7}));
  EXPECT_THAT(first.keys, ElementsAre(1, 2, 4));
  EXPECT_THAT(keys_.Take(kLife, 1).lots, IsEmpty());
  EXPECT_THAT(keys_.Take(kLife, 2).keys, ElementsAre(3));
}

TEST_F(KeptKeysTest, WhatComesTooLateIsNotKept) {
  keys_.Add(kLife, 3, {5, 6}, {1});
  keys_.Take(kLife, 2);
  keys_.Add(kLife, 2, {5, 7}, {1});
  keys_.Add(kLife, 1, {5, 8}, {2});
  EXPECT_THAT(keys_.Take(kLife, 2).lots, IsEmpty());
  EXPECT_THAT(keys_.Take(kLife, 1).lots, IsEmpty());
}

TEST_F(KeptKeysTest, AnotherLifeKnowsNothingOfWhatCameBefore) {
  keys_.Add(kLife, 1, {5, 7}, {1});
  EXPECT_THAT(keys_.Take(kOtherLife, 1).lots, IsEmpty());
  keys_.Add(kOtherLife, 1, {5, 8}, {2});
  EXPECT_THAT(keys_.Take(kLife, 1).lots, IsEmpty());
  EXPECT_THAT(keys_.Take(kOtherLife, 1).lots, ElementsAre(Lot{5, 8}));
}

TEST_F(KeptKeysTest, KeepsTheNewestTwoPartitions) {
  for (int32_t partition = 1; partition <= 3; ++partition) {
    keys_.Add(kLife, partition, {5, partition}, {1});
  }
  EXPECT_THAT(keys_.Take(kLife, 1).lots, IsEmpty());
  EXPECT_THAT(keys_.Take(kLife, 2).lots, SizeIs(1));
  EXPECT_THAT(keys_.Take(kLife, 3).lots, SizeIs(1));
}

TEST_F(KeptKeysTest, ALotIsKeptWholeOrNotAtAll) {
  keys_.Add(kLife, 1, {5, 7}, std::vector<uint64_t>(AppendedKeys::kKeysMax - 1));
  keys_.Add(kLife, 1, {5, 8}, {1, 2});
  keys_.Add(kLife, 1, {5, 9}, {3});
  const AppendedKeys::OfPartition known = keys_.Take(kLife, 1);
  EXPECT_THAT(known.lots, ElementsAre(Lot{5, 7}, Lot{5, 9}));
  EXPECT_EQ(known.keys.size(), AppendedKeys::kKeysMax);
}

TEST_F(KeptKeysTest, KeepsSoManyLots) {
  constexpr size_t kKeysOfLot = AppendedKeys::kKeysOfManyLotsMin / AppendedKeys::kLotsMax;
  for (size_t lot = 0; lot <= AppendedKeys::kLotsMax; ++lot) {
    keys_.Add(kLife, 1, {5, static_cast<int64_t>(lot)}, std::vector<uint64_t>(kKeysOfLot, lot));
  }
  const AppendedKeys::OfPartition known = keys_.Take(kLife, 1);
  EXPECT_THAT(known.lots, SizeIs(AppendedKeys::kLotsMax));
  EXPECT_THAT(known.keys, SizeIs(AppendedKeys::kKeysOfManyLotsMin));
}

TEST_F(KeptKeysTest, KeepsNothingOfManyLotsWithFewKeys) {
  for (size_t lot = 0; lot < AppendedKeys::kLotsMax; ++lot) {
    keys_.Add(kLife, 1, {5, static_cast<int64_t>(lot)}, {lot});
  }
  const AppendedKeys::OfPartition known = keys_.Take(kLife, 1);
  EXPECT_THAT(known.lots, IsEmpty());
  EXPECT_THAT(known.keys, IsEmpty());
}

}  // namespace
}  // namespace snapledger::storage
