#include "services/operators/slice_runs.h"

#include <gtest/gtest.h>

#include <string>

namespace snapledger::operators {
namespace {

const event::Frame kEvent = {.json = "{}"};
const event::Frame kDuplicate;

// "first-last" of each run, selected ones with a star.
std::string Runs(const std::vector<event::Frame>& frames, int events_max,
                 const std::function<bool(int16_t)>& is_selected) {
  std::string text;
  for (const SliceRun& run :
       RunsOf(frames, 0, static_cast<int16_t>(frames.size() - 1), events_max, is_selected)) {
    if (!text.empty()) text += ' ';
    text += std::to_string(run.first_position) + "-" + std::to_string(run.last_position);
    if (run.selected) text += '*';
  }
  return text;
}

TEST(SliceRunsTest, RunsCoverTheSliceAndAlternate) {
  const std::vector<event::Frame> frames(6, kEvent);
  EXPECT_EQ(Runs(frames, 10, [](int16_t at) { return at == 2 || at == 3; }), "0-1 2-3* 4-5");
  EXPECT_EQ(Runs(frames, 10, [](int16_t at) { return at == 0 || at == 5; }), "0-0* 1-4 5-5*");
  EXPECT_EQ(Runs(frames, 10, [](int16_t) { return true; }), "0-5*");
}

TEST(SliceRunsTest, EmptyFramesGoWithTheEventBeforeThem) {
  const std::vector<event::Frame> frames = {kDuplicate, kEvent, kDuplicate, kEvent, kDuplicate};
  EXPECT_EQ(Runs(frames, 10, [](int16_t at) { return at == 3; }), "0-2 3-4*");
  EXPECT_EQ(Runs(frames, 1, [](int16_t) { return true; }), "0-2* 3-4*");
}

TEST(SliceRunsTest, OnlySelectedRunsAreBounded) {
  const std::vector<event::Frame> frames(7, kEvent);
  EXPECT_EQ(Runs(frames, 2, [](int16_t at) { return at < 5; }), "0-1* 2-3* 4-4* 5-6");
}

}  // namespace
}  // namespace snapledger::operators
