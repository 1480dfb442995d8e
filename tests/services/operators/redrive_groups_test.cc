#include "services/operators/redrive_groups.h"

#include <gtest/gtest.h>

namespace snapledger::operators {
namespace {

class RedriveGroupsTest : public ::testing::Test {
 protected:
  RedriveGroups::Options Options(double events_per_second) {
    return {.events_per_request = 100,
            .json_bytes_per_request = 1000,
            .events_per_second = events_per_second,
            .make_group = [this] {
              storage::Uuid group{};
              group[0] = ++groups_;
              return group;
            }};
  }

  uint8_t groups_ = 0;
};

TEST_F(RedriveGroupsTest, AGroupIsFilledUpToARequest) {
  RedriveGroups groups(Options(0));
  EXPECT_EQ(groups.Put(false, 60, 10).group[0], 1);
  EXPECT_EQ(groups.Put(false, 40, 10).group[0], 1);
  EXPECT_EQ(groups.Put(false, 1, 10).group[0], 2);
  EXPECT_EQ(groups.Put(false, 1, 991).group[0], 3);
  EXPECT_EQ(groups.Put(false, 500, 10).group[0], 4);
}

TEST_F(RedriveGroupsTest, DoubtIsNotMixedWithTheRest) {
  RedriveGroups groups(Options(0));
  EXPECT_EQ(groups.Put(false, 1, 1).group[0], 1);
  EXPECT_EQ(groups.Put(true, 1, 1).group[0], 2);
  EXPECT_EQ(groups.Put(true, 1, 1).group[0], 2);
  EXPECT_EQ(groups.Put(false, 1, 1).group[0], 3);
}

TEST_F(RedriveGroupsTest, AClosedGroupTakesNoMore) {
  RedriveGroups groups(Options(0));
  groups.Put(false, 1, 1);
  groups.Close();
  EXPECT_EQ(groups.Put(false, 1, 1).group[0], 2);
}

TEST_F(RedriveGroupsTest, WithAPaceEachGroupWaitsForThoseBeforeIt) {
  RedriveGroups groups(Options(10));
  EXPECT_EQ(groups.events_max(), 10);
  EXPECT_EQ(groups.Put(false, 10, 1).due_in, absl::ZeroDuration());
  EXPECT_EQ(groups.Put(false, 10, 1).due_in, absl::Seconds(1));
  EXPECT_EQ(groups.Put(false, 5, 1).due_in, absl::Seconds(2));
  EXPECT_EQ(groups.Put(false, 5, 1).due_in, absl::Seconds(2));
  EXPECT_EQ(groups.Put(false, 1, 1).due_in, absl::Seconds(3));
}

TEST_F(RedriveGroupsTest, ASlowPaceSendsOneByOne) {
  RedriveGroups groups(Options(0.5));
  EXPECT_EQ(groups.events_max(), 1);
  groups.Put(false, 1, 1);
  EXPECT_EQ(groups.Put(false, 1, 1).due_in, absl::Seconds(2));
}

}  // namespace
}  // namespace snapledger::operators
