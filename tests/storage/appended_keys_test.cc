#include "storage/appended_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kStart = absl::UnixEpoch();
const absl::Time kOtherStart = kStart + absl::Seconds(1);

TEST(AppendedKeysTest, NothingIsKeptForWhoMakesNoFilters) {
  AppendedKeys keys;
  EXPECT_EQ(keys.generation(), 0);
  keys.Add(keys.generation(), 1, 7, {1, 2});
  EXPECT_THAT(keys.Take(1).lot_ids, IsEmpty());
}

TEST(AppendedKeysTest, TellsTheKeysOfEachPartitionOnce) {
  AppendedKeys keys;
  keys.KeepFor(kStart);
  keys.Add(keys.generation(), 1, 7, {1, 2});
  keys.Add(keys.generation(), 2, 8, {3});
  keys.Add(keys.generation(), 1, 9, {4});
  const AppendedKeys::OfPartition first = keys.Take(1);
  EXPECT_THAT(first.lot_ids, ElementsAre(7, 9));
  EXPECT_THAT(first.keys, ElementsAre(1, 2, 4));
  EXPECT_THAT(keys.Take(1).lot_ids, IsEmpty());
  EXPECT_THAT(keys.Take(2).keys, ElementsAre(3));
}

TEST(AppendedKeysTest, WhatComesTooLateIsNotKept) {
  AppendedKeys keys;
  keys.KeepFor(kStart);
  keys.Take(2);
  keys.Add(keys.generation(), 2, 7, {1});
  keys.Add(keys.generation(), 1, 8, {2});
  EXPECT_THAT(keys.Take(2).lot_ids, IsEmpty());
  EXPECT_THAT(keys.Take(1).lot_ids, IsEmpty());
}

TEST(AppendedKeysTest, AnotherServerKnowsNothingOfWhatCameBefore) {
  AppendedKeys keys;
  keys.KeepFor(kStart);
  const int64_t before = keys.generation();
  keys.Add(before, 1, 7, {1});
  keys.KeepFor(kStart);
  EXPECT_EQ(keys.generation(), before);
  keys.KeepFor(kOtherStart);
  keys.Add(before, 1, 8, {2});  // committed at the first
  keys.Add(keys.generation(), 1, 9, {3});
  const AppendedKeys::OfPartition known = keys.Take(1);
  EXPECT_THAT(known.lot_ids, ElementsAre(9));
  EXPECT_THAT(known.keys, ElementsAre(3));
}

TEST(AppendedKeysTest, KeepsTheNewestTwoPartitions) {
  AppendedKeys keys;
  keys.KeepFor(kStart);
  for (int32_t partition = 1; partition <= 3; ++partition) {
    keys.Add(keys.generation(), partition, partition, {1});
  }
  EXPECT_THAT(keys.Take(1).lot_ids, IsEmpty());
  EXPECT_THAT(keys.Take(2).lot_ids, SizeIs(1));
  EXPECT_THAT(keys.Take(3).lot_ids, SizeIs(1));
}

TEST(AppendedKeysTest, ALotIsKeptWholeOrNotAtAll) {
  AppendedKeys keys;
  keys.KeepFor(kStart);
  keys.Add(keys.generation(), 1, 7, std::vector<uint64_t>(AppendedKeys::kKeysMax - 1));
  keys.Add(keys.generation(), 1, 8, {1, 2});
  keys.Add(keys.generation(), 1, 9, {3});
  const AppendedKeys::OfPartition known = keys.Take(1);
  EXPECT_THAT(known.lot_ids, ElementsAre(7, 9));
  EXPECT_EQ(known.keys.size(), AppendedKeys::kKeysMax);
}

TEST(AppendedKeysTest, KeepsSoManyLots) {
  AppendedKeys keys;
  keys.KeepFor(kStart);
  for (size_t lot = 0; lot <= AppendedKeys::kLotsMax; ++lot) {
    keys.Add(keys.generation(), 1, static_cast<int64_t>(lot), {lot});
  }
  const AppendedKeys::OfPartition known = keys.Take(1);
  EXPECT_EQ(known.lot_ids.size(), AppendedKeys::kLotsMax);
  EXPECT_EQ(known.keys.size(), AppendedKeys::kLotsMax);
}

}  // namespace
}  // namespace snapledger::storage
