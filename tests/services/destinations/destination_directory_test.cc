#include "services/destinations/destination_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "services/destinations/token_context.h"
#include "tests/services/destinations/fake_destination_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_data_key_store.h"
#include "tests/support/status_matchers.h"

namespace snapledger::destinations {
namespace {

using support::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DestinationDirectoryTest : public ::testing::Test {
 protected:
  DestinationDirectoryTest() {
    keys_.key_encryption_keys.emplace(1, base::Secret(std::string(32, 'k')));
  }

  void Create(const std::string& id, int lanes = 1) {
    storage::DestinationStore::NewDestination made;
    made.destination_id = id;
    made.kind = 1;
    made.settings.lane_count = lanes;
    made.settings.max_age_web = absl::Hours(3);
    made.token_id = "t1";
    made.sealed_token = *envelope_.SealSecret(base::Secret("token"), TokenContext(id, "t1"));
    ASSERT_OK(store_.Create(made, "somebody"));
  }

  support::FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  support::FakeDataKeyStore data_keys_;
  security::KeyRing keys_;
  security::Envelope envelope_{keys_, data_keys_, clock_};
  FakeDestinationStore store_;
  DestinationDirectory directory_{store_, envelope_};
};

TEST_F(DestinationDirectoryTest, UnknownIdIsLookedUpAndThenKept) {
  Create("px");
  ASSERT_OK_AND_ASSIGN(const DestinationPtr found, directory_.Find("px"));
  EXPECT_EQ(found->tokens.at(0).secret.Reveal(), "token");
  EXPECT_EQ(found->prepare_policy.max_age_web, absl::Hours(3));
  ASSERT_OK(directory_.Find("px"));
  EXPECT_EQ(store_.get_count(), 1);
}

TEST_F(DestinationDirectoryTest, WhatAnotherProcessMadeIsFoundAtOnce) {
  EXPECT_THAT(directory_.Find("px"), StatusIs(absl::StatusCode::kNotFound));
  Create("px");
  EXPECT_OK(directory_.Find("px"));
}

TEST_F(DestinationDirectoryTest, EmptyIdIsARequiredFieldMissing) {
  EXPECT_THAT(directory_.Find(""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(store_.get_count(), 0);
}

TEST_F(DestinationDirectoryTest, FailedLookupIsNotTakenForAMiss) {
  store_.FailWith(absl::UnavailableError("down"));
  EXPECT_THAT(directory_.Find("px"), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(DestinationDirectoryTest, RefreshSeesWhatOthersChanged) {
  Create("b");
  Create("a");
  ASSERT_OK(directory_.Refresh());
  ASSERT_EQ(directory_.List().size(), 2U);
  EXPECT_EQ(directory_.List()[0]->stored.destination_id, "a");
  ASSERT_OK(store_.Pause("a", storage::PauseKind::kOperator, "x", "somebody"));
  ASSERT_OK(directory_.Refresh());
  EXPECT_EQ(directory_.List()[0]->stored.pause_kind, storage::PauseKind::kOperator);
}

TEST_F(DestinationDirectoryTest, FailedRefreshKeepsWhatWasKnown) {
  Create("px");
  ASSERT_OK(directory_.Refresh());
  store_.FailWith(absl::UnavailableError("down"));
  EXPECT_THAT(directory_.Refresh(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_OK(directory_.Find("px"));
}

TEST_F(DestinationDirectoryTest, TokenOfAnotherPlaceIsLeftOut) {
  storage::DestinationStore::NewDestination made;
  made.destination_id = "px";
  made.token_id = "t1";
  made.sealed_token = *envelope_.SealSecret(base::Secret("x"), TokenContext("other", "t1"));
  ASSERT_OK(store_.Create(made, "somebody"));
  ASSERT_OK_AND_ASSIGN(const DestinationPtr found, directory_.Find("px"));
  EXPECT_TRUE(found->tokens.empty());
}

TEST_F(DestinationDirectoryTest, KeysSpreadOverAllLanes) {
  Create("px", 4);
  ASSERT_OK_AND_ASSIGN(const DestinationPtr found, directory_.Find("px"));
  std::set<int32_t> shards;
  for (uint8_t i = 0; i < 64; ++i) {
    std::array<uint8_t, 16> key{};
    key[7] = i;
    shards.insert(found->ShardOf(key));
    EXPECT_EQ(found->ShardOf(key), found->ShardOf(key));
  }
  EXPECT_EQ(shards.size(), 4U);
}

// Where a key belonged under each lane count there was.
TEST_F(DestinationDirectoryTest, AKeyIsLookedForWhereItBelongedBefore) {
  Create("px", 1);
  storage::DestinationSettings settings;
  for (const int lane_count : {4, 2}) {
    settings.lane_count = lane_count;
    ASSERT_OK(store_.Update("px", "", settings, "somebody"));
  }
  ASSERT_OK(directory_.Refresh());
  ASSERT_OK_AND_ASSIGN(const DestinationPtr found, directory_.Find("px"));
  const std::vector<int32_t>& lanes = found->stored.shards;
  std::array<uint8_t, 16> key{};
  key[7] = 3;
  EXPECT_EQ(found->ShardOf(key), lanes[1]);
  EXPECT_THAT(found->ShardsOf(key), ElementsAre(lanes[1], lanes[3], lanes[0]));
  EXPECT_THAT(found->FormerShardsOf(key), ElementsAre(lanes[3], lanes[0]));
  key[7] = 0;
  EXPECT_THAT(found->ShardsOf(key), ElementsAre(lanes[0]));
  EXPECT_THAT(found->FormerShardsOf(key), IsEmpty());
}

}  // namespace
}  // namespace snapledger::destinations
