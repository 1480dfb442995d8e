#include "services/dispatch/named_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace snapledger::dispatch {
namespace {

using snap::EventVerdict;
using Status = snap::SnapAnswer::Status;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<int> Named(int number, int event_count) {
  return NamedEvents({.event_index = number}, event_count);
}

TEST(NamedEventsTest, ANumberThatFitsOneBaseNamesOneEvent) {
  EXPECT_THAT(Named(0, 5), ElementsAre(0));
  EXPECT_THAT(Named(5, 5), ElementsAre(4));
}

TEST(NamedEventsTest, ANumberThatFitsBothBasesNamesTwo) {
  EXPECT_THAT(Named(1, 5), ElementsAre(0, 1));
  EXPECT_THAT(Named(4, 5), ElementsAre(3, 4));
}

TEST(NamedEventsTest, ANumberThatFitsNoneNamesNothing) {
  EXPECT_THAT(Named(-1, 5), IsEmpty());
  EXPECT_THAT(Named(6, 5), IsEmpty());
  EXPECT_THAT(NamedEvents({}, 5), IsEmpty());
}

TEST(NamedEventsTest, RecordIndexesCountFromZero) {
  EXPECT_THAT(NamedEvents({.record_indexes = {2, 0, 2}}, 3), ElementsAre(0, 2));
  EXPECT_THAT(NamedEvents({.record_indexes = {7, -1}}, 3), IsEmpty());
  EXPECT_THAT(NamedEvents({.record_indexes = {1, 3}}, 3), IsEmpty());
}

EventVerdict Log(std::optional<int> number, Status status = Status::kValid) {
  return {number, status, status == Status::kInvalid ? "bad" : ""};
}

std::vector<int> Refused(const std::vector<EventVerdict>& verdicts, int event_count) {
  std::vector<int> indexes;
  for (const RefusedEvent& event : RefusedByValidation(verdicts, event_count)) {
    EXPECT_EQ(event.reason, "bad");
    indexes.push_back(event.index);
  }
  return indexes;
}

TEST(RefusedByValidationTest, ALogOfEveryEventTellsItsBase) {
  EXPECT_THAT(Refused({Log(0), Log(1, Status::kInvalid), Log(2)}, 3), ElementsAre(1));
  EXPECT_THAT(Refused({Log(1, Status::kInvalid), Log(2), Log(3, Status::kInvalid)}, 3),
              ElementsAre(0, 2));
  EXPECT_THAT(Refused({Log(3, Status::kInvalid), Log(2), Log(1)}, 3), ElementsAre(2));
}

TEST(RefusedByValidationTest, AnEdgeAloneTellsTheBase) {
  EXPECT_THAT(Refused({Log(0, Status::kInvalid), Log(2, Status::kInvalid)}, 4), ElementsAre(0, 2));
  EXPECT_THAT(Refused({Log(2, Status::kInvalid), Log(4, Status::kInvalid)}, 4), ElementsAre(1, 3));
}

TEST(RefusedByValidationTest, LogsWithoutNumbersAreInOrder) {
  EXPECT_THAT(Refused({Log({}), Log({}, Status::kInvalid)}, 2), ElementsAre(1));
  EXPECT_THAT(Refused({Log({}, Status::kInvalid)}, 2), IsEmpty());
}

TEST(RefusedByValidationTest, WhatIsNotCertainIsNotUsed) {
  EXPECT_THAT(Refused({Log(1, Status::kInvalid)}, 3), IsEmpty());
  EXPECT_THAT(Refused({Log(0, Status::kInvalid), Log(0)}, 2), IsEmpty());
  EXPECT_THAT(Refused({Log(0), Log(2, Status::kInvalid)}, 2), IsEmpty());
  EXPECT_THAT(Refused({Log(0), Log(7, Status::kInvalid)}, 3), IsEmpty());
  EXPECT_THAT(Refused({Log(-1, Status::kInvalid), Log(0)}, 2), IsEmpty());
  EXPECT_THAT(Refused({Log(1), Log({}, Status::kInvalid)}, 2), IsEmpty());
  EXPECT_THAT(Refused({Log(1, Status::kOther), Log(2)}, 2), IsEmpty());
  EXPECT_THAT(Refused({}, 2), IsEmpty());
}

TEST(RefusedByValidationTest, NoNumbersNameAnEventThatIsNotThere) {
  std::mt19937_64 random(20261123);
  for (int round = 0; round < 20'000; ++round) {
    const int event_count = 1 + static_cast<int>(random() % 6);
    std::vector<EventVerdict> verdicts;
    for (size_t i = random() % 8; i > 0; --i) {
      std::optional<int> number;
      if (random() % 8 != 0) number = static_cast<int>(random() % 10) - 1;
      verdicts.push_back(Log(number, static_cast<Status>(random() % 4)));
    }
    int before = -1;
    for (const RefusedEvent& event : RefusedByValidation(verdicts, event_count)) {
      ASSERT_GT(event.index, before);
      ASSERT_LT(event.index, event_count);
      before = event.index;
    }
  }
}

}  // namespace
}  // namespace snapledger::dispatch
