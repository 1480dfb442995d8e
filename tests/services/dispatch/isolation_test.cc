#include "services/dispatch/isolation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "services/dispatch/retry_policy.h"

namespace snapledger::dispatch {
namespace {

using storage::IsolationStage;
using storage::SliceOutcome;
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

  FramesOf frames() const {
    return [this](int64_t lot_id) -> const std::vector<event::Frame>& { return lots_.at(lot_id); };
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

storage::ClaimedBatch Batch(std::vector<storage::ClaimedSlice> slices) {
  storage::ClaimedBatch batch = {.slices = std::move(slices)};
  for (const storage::ClaimedSlice& slice : batch.slices) batch.event_count += slice.event_count;
  return batch;
}

void ExpectPart(const SliceOutcome::Part& part, int16_t first, int16_t last, int events) {
  EXPECT_EQ(part.part.first_position, first);
  EXPECT_EQ(part.part.last_position, last);
  EXPECT_EQ(part.part.event_count, events);
}

TEST(HalveTest, WholeSlicesFallIntoAHalf) {
  const std::vector<SliceOutcome> outcomes =
      Halve(Batch({Slice(1, 0, 1, 2), Slice(2, 0, 1, 2)}), Lots().frames(), kFirst, kSecond);
  ASSERT_THAT(outcomes, SizeIs(2));
  ASSERT_THAT(outcomes[0].parts, SizeIs(1));
  EXPECT_EQ(outcomes[0].parts[0].isolation_group, kFirst);
  EXPECT_EQ(outcomes[1].parts[0].isolation_group, kSecond);
  EXPECT_EQ(outcomes[1].fence, 5);
}

TEST(HalveTest, TheSliceAcrossTheMiddleIsCut) {
  Lots lots;
  lots.Add(1, "xxxxx");
  const std::vector<SliceOutcome> outcomes =
      Halve(Batch({Slice(1, 0, 4, 5)}), lots.frames(), kFirst, kSecond);
  ASSERT_THAT(outcomes[0].parts, SizeIs(2));
  ExpectPart(outcomes[0].parts[0], 0, 1, 2);
  ExpectPart(outcomes[0].parts[1], 2, 4, 3);
  EXPECT_EQ(outcomes[0].parts[0].isolation_group, kFirst);
  EXPECT_EQ(outcomes[0].parts[1].isolation_group, kSecond);
}

TEST(HalveTest, EmptyFramesAreNoEvents) {
  Lots lots;
  lots.Add(1, ".x..x.");
  const std::vector<SliceOutcome> outcomes =
      Halve(Batch({Slice(1, 0, 5, 2)}), lots.frames(), kFirst, kSecond);
  ASSERT_THAT(outcomes[0].parts, SizeIs(2));
  ExpectPart(outcomes[0].parts[0], 0, 3, 1);
  ExpectPart(outcomes[0].parts[1], 4, 5, 1);
}

TEST(HalveTest, ThatTheyAreTooLargeSaysNothingOfTheEvents) {
  storage::ClaimedBatch batch = Batch({Slice(1, 0, 0, 1), Slice(2, 0, 0, 1)});
  for (const auto& [before, after] :
       {std::pair(IsolationStage::kUnknown, IsolationStage::kUnknown),
        std::pair(IsolationStage::kHoldsRefused, IsolationStage::kValidated)}) {
    batch.isolation_stage = before;
    for (const SliceOutcome& outcome : Halve(batch, Lots().frames(), kFirst, kSecond)) {
      EXPECT_EQ(outcome.parts[0].isolation_stage, after);
    }
  }
}

TEST(IsolateTest, EventsThatAValidationNamesLeaveAndTheOthersGoOn) {
  Lots lots;
  lots.Add(1, "xx.xx");
  const Validation validation = {.refused = {{1, "bad"}, {2, "bad"}, {4, "worse"}}};
  const std::vector<SliceOutcome> outcomes =
      Isolate({.event_index = 0}, validation, Batch({Slice(1, 0, 4, 4), Slice(2, 0, 0, 1)}),
              lots.frames(), kFirst);
  ASSERT_THAT(outcomes, SizeIs(2));
  ASSERT_THAT(outcomes[0].parts, SizeIs(3));
  ExpectPart(outcomes[0].parts[0], 0, 0, 1);
  ExpectPart(outcomes[0].parts[1], 1, 3, 2);
  ExpectPart(outcomes[0].parts[2], 4, 4, 1);
  for (const int part : {0, 2}) {
    EXPECT_EQ(outcomes[0].parts[part].isolation_group, kFirst);
    EXPECT_EQ(outcomes[0].parts[part].isolation_stage, IsolationStage::kValidated);
    EXPECT_FALSE(outcomes[0].parts[part].parked);
    EXPECT_FALSE(outcomes[0].parts[part].departure.has_value());
  }
  ASSERT_TRUE(outcomes[0].parts[1].departure.has_value());
  EXPECT_EQ(outcomes[0].parts[1].departure->to_state, storage::DeliveryState::kRejected);
  EXPECT_EQ(outcomes[0].parts[1].departure->reason, "REFUSED_BY_SNAP");
  EXPECT_EQ(outcomes[0].parts[1].departure->snap_reason, "bad");
  EXPECT_EQ(outcomes[1].parts[0].departure->snap_reason, "worse");
}

TEST(IsolateTest, WhatIsNamedTooOftenIsExhaustedBesideWhatIsNot) {
  storage::ClaimedBatch batch = Batch({Slice(1, 0, 0, 1), Slice(2, 0, 0, 1), Slice(3, 0, 0, 1)});
  batch.slices[1].definite_failures = kDefiniteFailuresMax - 1;
  const std::vector<SliceOutcome> outcomes =
      Isolate({}, {.refused = {{0, "bad"}, {1, "bad"}}}, batch, Lots().frames(), kFirst);
  EXPECT_EQ(outcomes[0].parts[0].departure->to_state, storage::DeliveryState::kRejected);
  EXPECT_EQ(outcomes[1].parts[0].departure->to_state, storage::DeliveryState::kExhausted);
  EXPECT_EQ(outcomes[1].parts[0].departure->reason, "REFUSED_TOO_OFTEN");
  EXPECT_FALSE(outcomes[2].parts[0].departure.has_value());
}

TEST(IsolateTest, DoubtStaysDoubtWhereAValidationNamesIt) {
  storage::ClaimedBatch batch = Batch({Slice(1, 0, 0, 1), Slice(2, 0, 0, 1)});
  for (storage::ClaimedSlice& slice : batch.slices) slice.doubted = true;
  const std::vector<SliceOutcome> outcomes =
      Isolate({}, {.refused = {{0, "bad"}}}, batch, Lots().frames(), kFirst);
  EXPECT_EQ(outcomes[0].parts[0].departure->to_state, storage::DeliveryState::kExpiredInDoubt);
  EXPECT_EQ(outcomes[0].parts[0].departure->reason, "REFUSED_AFTER_DOUBT");
  EXPECT_FALSE(outcomes[1].parts[0].departure.has_value());
}

TEST(IsolateTest, WhatTheAnswerMayMeanIsTestedFirst) {
  Lots lots;
  lots.Add(1, "xxxxx");
  const std::vector<SliceOutcome> outcomes =
      Isolate({.event_index = 2}, {}, Batch({Slice(1, 0, 4, 5)}), lots.frames(), kFirst);
  ASSERT_THAT(outcomes[0].parts, SizeIs(3));
  ExpectPart(outcomes[0].parts[1], 1, 2, 2);
  EXPECT_EQ(outcomes[0].parts[1].isolation_stage, IsolationStage::kNamed);
  EXPECT_FALSE(outcomes[0].parts[1].parked);
  for (const int part : {0, 2}) {
    EXPECT_EQ(outcomes[0].parts[part].isolation_group, kFirst);
    EXPECT_EQ(outcomes[0].parts[part].isolation_stage, IsolationStage::kHoldsRefused);
    EXPECT_TRUE(outcomes[0].parts[part].parked);
  }
}

TEST(IsolateTest, WhereNothingIsNamedAllAreSearched) {
  const std::vector<SliceOutcome> outcomes =
      Isolate({}, {}, Batch({Slice(1, 0, 4, 5)}), Lots().frames(), kFirst);
  ASSERT_THAT(outcomes[0].parts, SizeIs(1));
  ExpectPart(outcomes[0].parts[0], 0, 4, 5);
  EXPECT_EQ(outcomes[0].parts[0].isolation_stage, IsolationStage::kHoldsRefused);
  EXPECT_FALSE(outcomes[0].parts[0].parked);
}

TEST(EventsToTestTest, OnlyWhatHoldsARefusedEventIsDivided) {
  EXPECT_EQ(EventsToTest(IsolationStage::kUnknown, 2000), 2000);
  EXPECT_EQ(EventsToTest(IsolationStage::kValidated, 2000), 2000);
  EXPECT_EQ(EventsToTest(IsolationStage::kHoldsRefused, 2000), kTestedEventsMax);
  EXPECT_EQ(EventsToTest(IsolationStage::kHoldsRefused, 7), 3);
  EXPECT_EQ(EventsToTest(IsolationStage::kHoldsRefused, 2), 1);
  EXPECT_EQ(EventsToTest(IsolationStage::kHoldsRefused, 1), 1);
  EXPECT_EQ(EventsToTest(IsolationStage::kNamed, 3), 1);
}

}  // namespace
}  // namespace snapledger::dispatch
