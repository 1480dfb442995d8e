#include "services/operators/event_selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::operators {
namespace {

using storage::DeliveryState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EventSelectionTest : public ::testing::Test {
 protected:
  EventSelectionTest() { selection_.set_destination("px"); }

  EventSelection Read(OperatorAct act) {
    violations_.clear();
    return ReadSelection(act, selection_, &violations_);
  }

  v1::EventSelection selection_;
  std::vector<base::FieldViolation> violations_;
};

TEST_F(EventSelectionTest, AnEmptyFilterMeansWhatTheActIsFor) {
  EXPECT_THAT(
      Read(OperatorAct::kRedrive).filter.states,
      ElementsAre(DeliveryState::kRejected, DeliveryState::kExpired, DeliveryState::kExhausted));
  EXPECT_THAT(Read(OperatorAct::kResolveInDoubt).filter.states,
              ElementsAre(DeliveryState::kInDoubt, DeliveryState::kExpiredInDoubt));
  EXPECT_THAT(Read(OperatorAct::kCancel).filter.states,
              ElementsAre(DeliveryState::kPending, DeliveryState::kInDoubt));
  EXPECT_THAT(violations_, IsEmpty());
}

TEST_F(EventSelectionTest, AStateTheActCannotConcernSaysWhatToDo) {
  selection_.add_states(v1::DELIVERY_STATE_REJECTED);
  selection_.add_states(v1::DELIVERY_STATE_EXPIRED_IN_DOUBT);
  Read(OperatorAct::kRedrive);
  ASSERT_THAT(violations_, SizeIs(1));
  EXPECT_EQ(violations_[0].field, "selection.states[1]");
  EXPECT_THAT(violations_[0].description, HasSubstr("ResolveInDoubtEvents"));
}

TEST_F(EventSelectionTest, NoActConcernsDeliveredSuppressedOrInFlight) {
  for (const OperatorAct act :
       {OperatorAct::kRedrive, OperatorAct::kResolveInDoubt, OperatorAct::kCancel}) {
    for (const v1::DeliveryState state :
         {v1::DELIVERY_STATE_DELIVERED, v1::DELIVERY_STATE_SUPPRESSED, v1::DELIVERY_STATE_IN_FLIGHT,
          v1::DELIVERY_STATE_UNSPECIFIED}) {
      selection_.clear_states();
      selection_.add_states(state);
      Read(act);
      EXPECT_THAT(violations_, SizeIs(1)) << v1::DeliveryState_Name(state);
    }
  }
}

TEST_F(EventSelectionTest, IdsStandAloneAndCountOnce) {
  for (const char* const id : {"a", "b", "a"}) selection_.add_event_ids(id);
  EXPECT_THAT(Read(OperatorAct::kCancel).keys, SizeIs(2));
  EXPECT_THAT(violations_, IsEmpty());
  selection_.add_event_names("PURCHASE");
  selection_.add_event_ids("");
  Read(OperatorAct::kCancel);
  ASSERT_THAT(violations_, SizeIs(2));
  EXPECT_EQ(violations_[1].field, "selection.event_ids[3]");
}

TEST_F(EventSelectionTest, EveryWrongFieldIsNamed) {
  selection_.clear_destination();
  selection_.add_event_names("");
  selection_.mutable_received()->mutable_start_time()->set_seconds(20);
  selection_.mutable_received()->mutable_end_time()->set_seconds(20);
  Read(OperatorAct::kCancel);
  CheckReason("a\nb", &violations_);
  std::vector<std::string> fields;
  for (const base::FieldViolation& violation : violations_) fields.push_back(violation.field);
  EXPECT_THAT(fields, ElementsAre("selection.destination", "selection.event_names[0]",
                                  "selection.received", "reason"));
}

// Milliseconds where seconds belong would reach far into the future.
TEST_F(EventSelectionTest, ATimeOutOfRangeIsNamed) {
  selection_.mutable_received()->mutable_end_time()->set_seconds(1'764'000'000'000);
  Read(OperatorAct::kCancel);
  ASSERT_THAT(violations_, SizeIs(1));
  EXPECT_EQ(violations_[0].field, "selection.received.end_time");
}

TEST_F(EventSelectionTest, WhatWaitsIsOnlyRedrivenWhereItWasSetAside) {
  storage::SliceRow slice = {.state = DeliveryState::kPending, .queue = storage::Queue::kFresh};
  EXPECT_FALSE(Concerns(OperatorAct::kRedrive, slice));
  EXPECT_TRUE(Concerns(OperatorAct::kCancel, slice));
  slice.queue = storage::Queue::kNone;
  EXPECT_TRUE(Concerns(OperatorAct::kRedrive, slice));
}

}  // namespace
}  // namespace snapledger::operators
