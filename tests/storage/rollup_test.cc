#include "storage/rollup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr RollupKey kRow = {.name_label = 70'000, .source_label = 3, .action_source = 2};

RollupKey WithSet(uint16_t supplied, uint16_t usable) {
  RollupKey key = kRow;
  key.supplied = supplied;
  key.usable = usable;
  return key;
}

// Before, between and behind the keys there are, in order or not.
TEST(PackedRollupTest, AddsWhereverAKeyBelongs) {
  Rollup sum, expected;
  RollupSums unordered;
  for (const auto& keys : std::vector<std::vector<uint16_t>>{
           {50, 60, 70}, {10, 55, 60, 65}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 90}, {1, 70, 99}, {}}) {
    Rollup one;
    for (const uint16_t key : keys) {
      one[WithSet(key, 1)] = key;
      expected[WithSet(key, 1)] += key;
    }
    ASSERT_OK(AddPackedRollup(PackRollup(one), &sum));
    ASSERT_OK(AddPackedRollup(PackRollup(one), &unordered));
  }
  EXPECT_EQ(sum, expected);
  EXPECT_EQ(Rollup(unordered.begin(), unordered.end()), expected);
  const std::string last = PackRollup({{WithSet(99, 1), 1}});
  ASSERT_OK(AddPackedRollup(last + PackRollup({{WithSet(2, 1), 5}}) + last, &sum));
  expected[WithSet(99, 1)] += 2;
  expected[WithSet(2, 1)] += 5;
  EXPECT_EQ(sum, expected);
}

TEST(PackedSetsTest, ComeBackUnderTheRowsKey) {
  constexpr int64_t kAboveFourBytes = 5'000'000'000;
  const RollupCounts counts = {{WithSet(3, 1), 7}, {WithSet(0xFFFF, 0x8001), kAboveFourBytes}};
  RollupCounts read = {{RollupKey(), 1}};
  ASSERT_OK(AppendPackedSets(PackSets(counts), kRow, &read));
  EXPECT_THAT(read, ElementsAre(Pair(RollupKey(), 1), counts[0], counts[1]));
}

TEST(PackedSetsTest, AreWhatTheMigrationWrites) {
  EXPECT_EQ(PackSets(RollupCounts{{WithSet(0x0102, 0x0003), 0x0405}}),
            std::string("\x01\x02\x00\x03\x00\x00\x00\x00\x00\x00\x04\x05", 12));
}

TEST(PackedSetsTest, AWrongLengthIsDataLoss) {
  const std::string packed = PackSets(RollupCounts{{WithSet(1, 1), 1}});
  RollupCounts read;
  EXPECT_THAT(AppendPackedSets(packed.substr(1), kRow, &read),
              support::StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(read, IsEmpty());
}

}  // namespace
}  // namespace snapledger::storage
