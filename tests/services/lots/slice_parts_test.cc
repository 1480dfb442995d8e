#include "services/lots/slice_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/rollup.h"

namespace snapledger::lots {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

const event::Frame kEvent = {.header = {.event_time_seconds = 1000}, .json = "{}"};
const std::vector<event::Frame> kFrames = {kEvent, event::Frame{}, kEvent, kEvent};

TEST(SlicePartsTest, APartKnowsItsCountsAndRollup) {
  const storage::SlicePart part = MakePart(kFrames, 1, 3);
  EXPECT_EQ(part.event_count, 2);
  EXPECT_EQ(part.json_bytes, 4);
  EXPECT_EQ(part.oldest_event_time, absl::FromUnixSeconds(1000));
  storage::Rollup rollup;
  ASSERT_TRUE(storage::AddPackedRollup(part.rollup, &rollup).ok());
  ASSERT_THAT(rollup, SizeIs(1));
  EXPECT_EQ(rollup.begin()->second, 2);
}

TEST(SlicePartsTest, PositionsOfDuplicatesHoldNoEvent) {
  EXPECT_THAT(EventPositions(kFrames, 0, 3), ElementsAre(0, 2, 3));
  EXPECT_THAT(EventPositions(kFrames, 1, 1), ElementsAre());
}

}  // namespace
}  // namespace snapledger::lots
