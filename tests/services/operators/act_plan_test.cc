#include "services/operators/act_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/random_uuid.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_data_key_store.h"
#include "tests/support/status_matchers.h"

namespace snapledger::operators {
namespace {

using storage::DeliveryState;
using ::testing::SizeIs;

class ActPlanTest : public ::testing::Test {
 protected:
  ActPlanTest() { keys_.key_encryption_keys[1] = base::Secret(std::string(32, 'k')); }

  // A plan over lots of four events with the names 1, 2, 1, 2.
  ActPlan Plan(const ActedOutcome& outcome, std::vector<int32_t> names, int events_per_request) {
    return ActPlan(outcome, std::move(names),
                   {.events_per_request = events_per_request, .make_group = storage::RandomUuid},
                   [this](const storage::SliceRow&) { return Open(); });
  }

  absl::StatusOr<std::shared_ptr<const lots::OpenLot>> Open() {
    ++opened_;
    if (!readable_) return absl::DataLossError("damaged");
    std::string raw;
    for (int i = 0; i < 4; ++i) {
      event::AppendFrame({.event_time_seconds = 1000, .name_label = 1 + i % 2}, "{}", &raw);
    }
    const security::LotPlace place = {.shard = 1, .lot_id = 7};
    return lots::OpenLot::Open(envelope_, *envelope_.SealLot(raw, place), place);
  }

  static SelectedSlice Slice(int64_t selected, std::vector<int16_t> positions = {}) {
    return {.row = {.shard = 1,
                    .key = {.lot_id = 7},
                    .last_position = 3,
                    .event_count = 4,
                    .state = DeliveryState::kRejected},
            .event_count = selected,
            .positions = std::move(positions)};
  }

  support::FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  support::FakeDataKeyStore data_keys_;
  security::KeyRing keys_;
  security::Envelope envelope_{keys_, data_keys_, clock_};
  bool readable_ = true;
  int opened_ = 0;
};

TEST_F(ActPlanTest, AWholeSliceMovesWithoutItsPayload) {
  ActPlan plan = Plan({.to_state = DeliveryState::kCanceled}, {}, 2);
  ASSERT_OK_AND_ASSIGN(const auto acted, plan.Plan(Slice(4)));
  ASSERT_THAT(acted->parts, SizeIs(1));
  EXPECT_EQ(acted->parts[0].move->to_state, DeliveryState::kCanceled);
  EXPECT_EQ(opened_, 0);
}

TEST_F(ActPlanTest, NamesAndPositionsCutTheSlice) {
  ActPlan by_name = Plan({.to_state = DeliveryState::kCanceled}, {2}, 2000);
  ASSERT_OK_AND_ASSIGN(const auto named, by_name.Plan(Slice(2)));
  ASSERT_THAT(named->parts, SizeIs(4));
  EXPECT_FALSE(named->parts[0].move.has_value());
  EXPECT_TRUE(named->parts[1].move.has_value());
  ActPlan by_id = Plan({.to_state = DeliveryState::kCanceled}, {}, 2000);
  ASSERT_OK_AND_ASSIGN(const auto chosen, by_id.Plan(Slice(1, {3})));
  ASSERT_THAT(chosen->parts, SizeIs(2));
  EXPECT_EQ(chosen->parts[1].part.first_position, 3);
  EXPECT_TRUE(chosen->parts[1].move.has_value());
}

TEST_F(ActPlanTest, WhatIsSentAgainIsCutToGroupsOfARequest) {
  ActPlan plan = Plan({}, {}, 3);
  ASSERT_OK_AND_ASSIGN(const auto acted, plan.Plan(Slice(4)));
  ASSERT_THAT(acted->parts, SizeIs(2));
  EXPECT_EQ(acted->parts[0].part.event_count, 3);
  EXPECT_NE(acted->parts[0].move->isolation_group, acted->parts[1].move->isolation_group);
}

TEST_F(ActPlanTest, DoubtIsKeptAndItsWindowOnlyRenewedWhereTheActSaysSo) {
  for (const bool new_window : {false, true}) {
    ActPlan plan = Plan({.new_window = new_window}, {}, 2000);
    SelectedSlice doubted = Slice(4);
    doubted.row.possibly_delivered = true;
    ASSERT_OK_AND_ASSIGN(const auto acted, plan.Plan(doubted));
    EXPECT_EQ(acted->parts[0].move->to_state, DeliveryState::kInDoubt);
    EXPECT_EQ(acted->parts[0].move->new_window, new_window);
  }
}

TEST_F(ActPlanTest, WhatCannotBeReadMovesOnlyAsAWhole) {
  readable_ = false;
  ActPlan plan = Plan({}, {}, 3);
  ASSERT_OK_AND_ASSIGN(const auto whole, plan.Plan(Slice(4)));
  ASSERT_TRUE(whole.has_value());
  EXPECT_THAT(whole->parts, SizeIs(1));
  ASSERT_OK_AND_ASSIGN(const auto part, plan.Plan(Slice(1, {0})));
  EXPECT_FALSE(part.has_value());
}

}  // namespace
}  // namespace snapledger::operators
