#include "services/matchrate/observation_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace snapledger::matchrate {
namespace {

using storage::MatchObservationRow;
using testing::ElementsAre;

absl::Time Hour(int hour) { return absl::UnixEpoch() + absl::Hours(hour); }

// Recorded in the order of `matched`, which names it here.
MatchObservationRow Row(int64_t matched, int start, int end) {
  return {.window_start = Hour(start),
          .window_end = Hour(end),
          .matched = matched,
          .total = 100,
          .record_time = absl::UnixEpoch() + absl::Seconds(matched)};
}

MatchObservationRow Named(MatchObservationRow row, const std::string& name,
                          const std::string& source = "", uint16_t kinds = 0) {
  row.event_name = name;
  row.source = source;
  row.kinds = kinds;
  return row;
}

std::vector<int64_t> Names(const Observations& observations) {
  std::vector<int64_t> names;
  for (const MatchObservationRow& one : observations) names.push_back(one.matched);
  return names;
}

TEST(ObservationChoiceTest, WindowsNamesSourcesAndSetsKeepEventsApart) {
  const MatchObservationRow one = Named(Row(1, 0, 10), "PURCHASE", "web", 3);
  EXPECT_TRUE(MayShareEvents(one, one));
  EXPECT_TRUE(MayShareEvents(one, Row(2, 9, 20)));
  EXPECT_FALSE(MayShareEvents(one, Row(2, 10, 20)));
  EXPECT_FALSE(MayShareEvents(one, Named(Row(2, 0, 10), "SAVE")));
  EXPECT_FALSE(MayShareEvents(one, Named(Row(2, 0, 10), "PURCHASE", "app")));
  EXPECT_FALSE(MayShareEvents(one, Named(Row(2, 0, 10), "PURCHASE", "web", 1)));
  EXPECT_TRUE(MayShareEvents(one, Named(Row(2, 0, 10), "", "web", 3)));
}

TEST(ObservationChoiceTest, TheModelTakesSetsBeforeTotalsAndTheNewestOfEach) {
  const ObservationChoice choice = ChooseForModel(
      {Row(5, 0, 10), Named(Row(1, 0, 10), "", "", 3), Named(Row(2, 0, 10), "", "", 1),
       Named(Row(3, 5, 10), "", "", 1), Row(4, 10, 20)});
  EXPECT_THAT(Names(choice.taken), ElementsAre(1, 3, 4));
  EXPECT_THAT(Names(choice.left_out), ElementsAre(2, 5));
}

TEST(ObservationChoiceTest, CountsWhatLiesWithinTheScope) {
  const Observations observations = {Row(1, 0, 10), Row(2, 10, 20), Row(4, 15, 30),
                                     Named(Row(8, 0, 10), "", "", 1)};
  const ObservedCount all = CountObserved(observations, {}, 0);
  // The longer of the two that overlap.
  EXPECT_EQ(all.matched, 5);
  EXPECT_EQ(all.total, 200);
  EXPECT_EQ(all.through, Hour(30));
  EXPECT_FALSE(all.of_parts);
  EXPECT_EQ(CountObserved(observations, {.start = Hour(5), .end = Hour(20)}, 0).matched, 2);
  EXPECT_EQ(CountObserved(observations, {}, 1).matched, 8);
  EXPECT_EQ(CountObserved(observations, {.event_names = {"SAVE"}}, 0).total, 0);
}

TEST(ObservationChoiceTest, PartsAreAddedUpWhereTheWholeWasNotReported) {
  const Observations parts = {Named(Row(1, 0, 10), "PURCHASE"), Named(Row(2, 0, 10), "SAVE")};
  const ObservedCount both = CountObserved(parts, {}, 0);
  EXPECT_EQ(both.matched, 3);
  EXPECT_TRUE(both.of_parts);
  const ObservedCount one = CountObserved(parts, {.event_names = {"SAVE"}}, 0);
  EXPECT_EQ(one.matched, 2);
  EXPECT_FALSE(one.of_parts);
  Observations with_whole = parts;
  with_whole.push_back(Row(4, 0, 10));
  const ObservedCount whole = CountObserved(with_whole, {}, 0);
  EXPECT_EQ(whole.matched, 4);
  EXPECT_FALSE(whole.of_parts);
}

}  // namespace
}  // namespace snapledger::matchrate
