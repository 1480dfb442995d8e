#include "services/dispatch/isolation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace snapledger::dispatch {
namespace {

using ::testing::SizeIs;

constexpr storage::Uuid kFirst = {1};
constexpr storage::Uuid kSecond = {2};

// Lots whose frames are there ('x') or empty ('.').
class Lots {
 public:
  void Add(int64_t lot_id, std::string_view frames) {
    for (const char c : frames) {
      lots_[lot_id].push_back(
          c == 'x' ? event::Frame{.header = {.event_time_seconds = 1000}, .json = "{}"}
                   : event::Frame{});
    }
  }
  const std::vector<event::Frame>& Of(int64_t lot_id) const { return lots_.at(lot_id); }

  std::vector<storage::SliceOutcome> Bisect(const storage::ClaimedBatch& batch) const {
    return dispatch::Bisect(
        batch, [this](int64_t lot_id) -> const std::vector<event::Frame>& { return Of(lot_id); },
        kFirst, kSecond);
  }

 private:
  std::map<int64_t, std::vector<event::Frame>> lots_;
};

storage::ClaimedSlice Slice(int64_t lot_id, int16_t first, int16_t last, int events) {
  return {.key = {.lot_id = lot_id, .first_position = first},
          .last_position = last,
          .event_count = events,
          .fence = 5};
}

TEST(IsolationTest, WholeSlicesFallIntoAHalf) {
  Lots lots;
  const std::vector<storage::SliceOutcome> outcomes =
      lots.Bisect({.slices = {Slice(1, 0, 1, 2), Slice(2, 0, 1, 2)}, .event_count = 4});
  ASSERT_THAT(outcomes, SizeIs(2));
  ASSERT_THAT(outcomes[0].parts, SizeIs(1));
  EXPECT_EQ(outcomes[0].parts[0].isolation_group, kFirst);
  EXPECT_EQ(outcomes[1].parts[0].isolation_group, kSecond);
  EXPECT_EQ(outcomes[1].fence, 5);
}

TEST(IsolationTest, TheSliceAcrossTheMiddleIsCut) {
  Lots lots;
  lots.Add(1, "xxxxx");
  const std::vector<storage::SliceOutcome> outcomes =
      lots.Bisect({.slices = {Slice(1, 0, 4, 5)}, .event_count = 5});
  ASSERT_THAT(outcomes[0].parts, SizeIs(2));
  EXPECT_EQ(outcomes[0].parts[0].part.event_count, 2);
  EXPECT_EQ(outcomes[0].parts[0].part.last_position, 1);
  EXPECT_EQ(outcomes[0].parts[1].part.first_position, 2);
  EXPECT_EQ(outcomes[0].parts[1].part.event_count, 3);
  EXPECT_EQ(outcomes[0].parts[0].isolation_group, kFirst);
  EXPECT_EQ(outcomes[0].parts[1].isolation_group, kSecond);
}

TEST(IsolationTest, EmptyFramesAreNoEvents) {
  Lots lots;
  lots.Add(1, ".x..x.");
  const std::vector<storage::SliceOutcome> outcomes =
      lots.Bisect({.slices = {Slice(1, 0, 5, 2)}, .event_count = 2});
  ASSERT_THAT(outcomes[0].parts, SizeIs(2));
  EXPECT_EQ(outcomes[0].parts[0].part.first_position, 0);
  EXPECT_EQ(outcomes[0].parts[0].part.last_position, 3);
  EXPECT_EQ(outcomes[0].parts[0].part.event_count, 1);
  EXPECT_EQ(outcomes[0].parts[1].part.first_position, 4);
  EXPECT_EQ(outcomes[0].parts[1].part.last_position, 5);
  EXPECT_EQ(outcomes[0].parts[1].part.event_count, 1);
}

// Halving goes on until every event stands alone, and loses none.
TEST(IsolationTest, EndsAtSingleEvents) {
  Lots lots;
  lots.Add(1, "x.xx.x");
  lots.Add(2, "xxx");
  std::vector<storage::ClaimedBatch> open = {
      {.slices = {Slice(1, 0, 5, 4), Slice(2, 0, 2, 3)}, .event_count = 7}};
  int singles = 0;
  for (int rounds = 0; !open.empty() && rounds < 100; ++rounds) {
    const storage::ClaimedBatch batch = open.back();
    open.pop_back();
    if (batch.event_count == 1) {
      ++singles;
      continue;
    }
    std::map<storage::Uuid, storage::ClaimedBatch> halves;
    for (const storage::SliceOutcome& outcome : lots.Bisect(batch)) {
      for (const auto& [part, group] : outcome.parts) {
        halves[*group].slices.push_back(
            Slice(outcome.key.lot_id, part.first_position, part.last_position, part.event_count));
        halves[*group].event_count += part.event_count;
      }
    }
    ASSERT_THAT(halves, SizeIs(2));
    for (const auto& [group, half] : halves) open.push_back(half);
  }
  EXPECT_EQ(singles, 7);
}

}  // namespace
}  // namespace snapledger::dispatch
