#include "storage/appended_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const ServerLife kLife = {.server_start = absl::UnixEpoch(), .ledger_oid = 1};
const ServerLife kLaterLife = {.server_start = absl::UnixEpoch() + absl::Seconds(1),
                               .ledger_oid = 1};
const ServerLife kRestored = {.server_start = absl::UnixEpoch(), .ledger_oid = 2};

TEST(AppendedKeysTest, NothingIsKeptForWhoMakesNoFilters) {
  AppendedKeys keys;
  EXPECT_FALSE(keys.keeps());
  keys.Add(kLife, 1, 5, 7, {1, 2});
  EXPECT_THAT(keys.Take(kLife, 1).lot_ids, IsEmpty());
}

class KeptKeysTest : public testing::Test {
 protected:
  KeptKeysTest() { keys_.Keep(); }

  AppendedKeys keys_;
};

TEST_F(KeptKeysTest, TellsTheKeysOfEachPartitionOnce) {
  EXPECT_TRUE(keys_.keeps());
  keys_.Add(kLife, 1, 5, 7, {1, 2});
  keys_.Add(kLife, 2, 5, 8, {3});
  keys_.Add(kLife, 1, 6, 7, {4});
  const AppendedKeys::OfPartition first = keys_.Take(kLife, 1);
  EXPECT_THAT(first.shards, ElementsAre(5, 6));
  EXPECT_THAT(first.lot_ids, ElementsAre(7, 7));
  EXPECT_THAT(first.keys, ElementsAre(1, 2, 4));
  EXPECT_THAT(keys_.Take(kLife, 1).lot_ids, IsEmpty());
  EXPECT_THAT(keys_.Take(kLife, 2).keys, ElementsAre(3));
}

TEST_F(KeptKeysTest, WhatComesTooLateIsNotKept) {
  keys_.Add(kLife, 3, 5, 6, {1});
  keys_.Take(kLife, 2);
  keys_.Add(kLife, 2, 5, 7, {1});
  keys_.Add(kLife, 1, 5, 8, {2});
  EXPECT_THAT(keys_.Take(kLife, 2).lot_ids, IsEmpty());
  EXPECT_THAT(keys_.Take(kLife, 1).lot_ids, IsEmpty());
}

TEST_F(KeptKeysTest, AnotherLifeKnowsNothingOfWhatCameBefore) {
  for (const ServerLife& other : {kLaterLife, kRestored}) {
    keys_.Add(kLife, 1, 5, 7, {1});
    EXPECT_THAT(keys_.Take(other, 1).lot_ids, IsEmpty());
    keys_.Add(other, 1, 5, 8, {2});
    EXPECT_THAT(keys_.Take(kLife, 1).lot_ids, IsEmpty());
    EXPECT_THAT(keys_.Take(other, 1).lot_ids, ElementsAre(8));
  }
}

TEST_F(KeptKeysTest, KeepsTheNewestTwoPartitions) {
  for (int32_t partition = 1; partition <= 3; ++partition) {
    keys_.Add(kLife, partition, 5, partition, {1});
  }
  EXPECT_THAT(keys_.Take(kLife, 1).lot_ids, IsEmpty());
  EXPECT_THAT(keys_.Take(kLife, 2).lot_ids, SizeIs(1));
  EXPECT_THAT(keys_.Take(kLife, 3).lot_ids, SizeIs(1));
}

TEST_F(KeptKeysTest, ALotIsKeptWholeOrNotAtAll) {
  keys_.Add(kLife, 1, 5, 7, std::vector<uint64_t>(AppendedKeys::kKeysMax - 1));
  keys_.Add(kLife, 1, 5, 8, {1, 2});
  keys_.Add(kLife, 1, 5, 9, {3});
  const AppendedKeys::OfPartition known = keys_.Take(kLife, 1);
  EXPECT_THAT(known.lot_ids, ElementsAre(7, 9));
  EXPECT_EQ(known.keys.size(), AppendedKeys::kKeysMax);
}

TEST_F(KeptKeysTest, KeepsSoManyLots) {
  for (size_t lot = 0; lot <= AppendedKeys::kLotsMax; ++lot) {
    keys_.Add(kLife, 1, 5, static_cast<int64_t>(lot), {lot});
  }
  const AppendedKeys::OfPartition known = keys_.Take(kLife, 1);
  EXPECT_EQ(known.lot_ids.size(), AppendedKeys::kLotsMax);
  EXPECT_EQ(known.keys.size(), AppendedKeys::kLotsMax);
}

}  // namespace
}  // namespace snapledger::storage
