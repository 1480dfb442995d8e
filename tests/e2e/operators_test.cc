// Operators' acts on real parts: what is refused and mended, in doubt and settled, taken back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/e2e/deployment.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";

class OperatorsTest : public ::testing::Test {
 protected:
  void Start(const v1::DestinationSettings& settings = {}) {
    service_ = deployment_.StartService();
    other_ = deployment_.StartService();
    CreateDestination(service_, kPixel, v1::DESTINATION_KIND_PIXEL, settings);
  }

  // Records in one call; gives the ids.
  std::vector<std::string> RecordEvents(int count) {
    std::vector<v1::ConversionEvent> events;
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
      events.push_back(generator_.Web());
      ids.push_back(events.back().event_id());
    }
    Record(service_, kPixel, events);
    return ids;
  }

  void Refuse(const std::vector<std::string>& ids) {
    std::string list;
    for (const std::string& id : ids) list += (list.empty() ? "\"" : ",\"") + id + "\"";
    deployment_.emulator().SetFaults(R"({"faults":[{"kind":"reject_events","event_ids":[)" + list +
                                     "]}]}");
  }

  void ClearFaults() { deployment_.emulator().SetFaults(R"({"faults":[]})"); }

  bool AwaitCount(v1::DeliveryState state, int64_t count) {
    return Await(absl::Seconds(60), [&] { return StateCounts(service_, kPixel)[state] == count; });
  }

  static v1::EventSelection Selection(const std::vector<std::string>& ids = {}) {
    v1::EventSelection selection;
    selection.set_destination(kPixel);
    for (const std::string& id : ids) selection.add_event_ids(id);
    return selection;
  }

  v1::RedriveEventsResponse Redrive(const v1::RedriveEventsRequest& request) {
    grpc::ClientContext context;
    v1::RedriveEventsResponse response;
    const grpc::Status status = service_.admin->RedriveEvents(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  int64_t Resolve(const v1::EventSelection& selection, v1::InDoubtResolution resolution) {
    v1::ResolveInDoubtEventsRequest request;
    *request.mutable_selection() = selection;
    request.set_resolution(resolution);
    grpc::ClientContext context;
    v1::ResolveInDoubtEventsResponse response;
    const grpc::Status status = service_.admin->ResolveInDoubtEvents(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.resolved();
  }

  int64_t Cancel(const v1::EventSelection& selection) {
    v1::CancelEventsRequest request;
    *request.mutable_selection() = selection;
    request.set_reason("a test");
    grpc::ClientContext context;
    v1::CancelEventsResponse response;
    const grpc::Status status = service_.admin->CancelEvents(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.canceled();
  }

  void Pause() {
    v1::PauseDestinationRequest request;
    request.set_destination_id(kPixel);
    grpc::ClientContext context;
    v1::PauseDestinationResponse response;
    ASSERT_TRUE(service_.admin->PauseDestination(&context, request, &response).ok());
  }

  void Resume() {
    v1::ResumeDestinationRequest request;
    request.set_destination_id(kPixel);
    grpc::ClientContext context;
    v1::ResumeDestinationResponse response;
    ASSERT_TRUE(service_.admin->ResumeDestination(&context, request, &response).ok());
  }

  int64_t Counted() {
    int64_t counted = 0;
    const auto by_asset = deployment_.emulator().Conversions();
    for (const auto& [asset, names] : by_asset) {
      for (const auto& [name, conversions] : names) counted += conversions.counted;
    }
    return counted;
  }

  // The counters against what is told of every event.
  void ExpectCountsEqualARecount(const std::vector<std::string>& ids) {
    std::map<v1::DeliveryState, int64_t> recounted;
    for (const std::string& id : ids) ++recounted[GetEvent(other_, kPixel, id).state()];
    EXPECT_EQ(StateCounts(service_, kPixel), recounted);
  }

  Deployment deployment_;
  Service service_, other_;
  support::RealisticEvents generator_{3, "act-", absl::Now()};
};

TEST_F(OperatorsTest, WhatWasRefusedAndMendedIsDeliveredAndCountedOnce) {
  v1::DestinationSettings settings;
  settings.set_max_requests_per_second(200);
  Start(settings);
  Pause();
  const std::vector<std::string> ids = RecordEvents(30);
  const std::vector<std::string> bad(ids.begin() + 5, ids.begin() + 9);
  Refuse(bad);
  Resume();
  ASSERT_TRUE(AwaitCount(v1::DELIVERY_STATE_REJECTED, 4));
  ASSERT_TRUE(AwaitCount(v1::DELIVERY_STATE_DELIVERED, 26));
  ClearFaults();
  v1::RedriveEventsRequest request;
  *request.mutable_selection() = Selection();
  request.set_reason("mended");
  request.set_dry_run(true);
  EXPECT_EQ(Redrive(request).matched(), 4);
  EXPECT_EQ(StateCounts(service_, kPixel)[v1::DELIVERY_STATE_REJECTED], 4);
  request.set_dry_run(false);
  *request.mutable_selection() = Selection({bad[0], ids[0], "never recorded"});
  EXPECT_EQ(Redrive(request).redriven(), 1);
  ASSERT_TRUE(AwaitCount(v1::DELIVERY_STATE_DELIVERED, 27));
  *request.mutable_selection() = Selection();
  EXPECT_EQ(Redrive(request).redriven(), 3);
  EXPECT_EQ(Redrive(request).redriven(), 0);
  EXPECT_THAT(AwaitDelivered(service_, kPixel, 30),
              ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, 30)));
  EXPECT_EQ(Counted(), 30);
  const v1::EventStatus event = GetEvent(service_, kPixel, bad[1]);
  const bool told = std::any_of(
      event.transitions().begin(), event.transitions().end(), [](const v1::Transition& transition) {
        return transition.from_state() == v1::DELIVERY_STATE_REJECTED &&
               transition.to_state() == v1::DELIVERY_STATE_PENDING &&
               transition.reason() == "REDRIVEN: mended" && transition.actor() == "administrator";
      });
  EXPECT_TRUE(told) << event.DebugString();
  ExpectCountsEqualARecount(ids);
}

TEST_F(OperatorsTest, ARedriveIsNoFasterThanAsked) {
  v1::DestinationSettings settings;
  settings.set_max_requests_per_second(200);
  Start(settings);
  Pause();
  const std::vector<std::string> ids = RecordEvents(12);
  Refuse(ids);
  Resume();
  ASSERT_TRUE(AwaitCount(v1::DELIVERY_STATE_REJECTED, 12));
  ClearFaults();
  const size_t requests_before = deployment_.ReadJournal().requests.size();
  v1::RedriveEventsRequest request;
  *request.mutable_selection() = Selection();
  request.set_max_events_per_second(4);
  EXPECT_EQ(Redrive(request).redriven(), 12);
  EXPECT_THAT(AwaitDelivered(service_, kPixel, 12),
              ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, 12)));
  const Journal journal = deployment_.ReadJournal();
  ASSERT_EQ(journal.requests.size(), requests_before + 3);
  const double first = journal.requests[requests_before].time;
  EXPECT_GE(journal.requests.back().time - first, 1.5);
  EXPECT_EQ(Counted(), 12);
}

// The answer is lost and the window closes: nobody knows, so an operator decides.
TEST_F(OperatorsTest, DoubtWhoseWindowClosedIsSettled) {
  deployment_.emulator().SetFaults(
      R"({"faults":[{"kind":"reset_after_body","endpoint":"events"}]})");
  v1::DestinationSettings settings;
  settings.mutable_dedup_window()->set_seconds(60);
  settings.mutable_purchase_dedup_window()->set_seconds(60);
  Start(settings);
  const std::vector<std::string> ids = RecordEvents(6);
  ASSERT_TRUE(AwaitCount(v1::DELIVERY_STATE_EXPIRED_IN_DOUBT, 6));
  const auto first_sent = GetEvent(service_, kPixel, ids[0]).first_sent_time();
  ClearFaults();
  EXPECT_EQ(Counted(), 6);
  EXPECT_EQ(Resolve(Selection({ids[0], ids[1]}), v1::IN_DOUBT_RESOLUTION_SEND_AGAIN), 2);
  ASSERT_TRUE(AwaitCount(v1::DELIVERY_STATE_DELIVERED, 2));
  const v1::EventStatus again = GetEvent(service_, kPixel, ids[0]);
  EXPECT_EQ(again.attempt_count(), 2);
  EXPECT_EQ(again.first_sent_time().seconds(), first_sent.seconds());
  EXPECT_EQ(Resolve(Selection(), v1::IN_DOUBT_RESOLUTION_ASSUME_DELIVERED), 4);
  EXPECT_THAT(StateCounts(service_, kPixel), ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, 6)));
  const v1::EventStatus assumed = GetEvent(service_, kPixel, ids[5]);
  EXPECT_EQ(assumed.state_reason(), "ASSUMED_DELIVERED");
  EXPECT_EQ(assumed.attempt_count(), 1);
  EXPECT_EQ(Resolve(Selection(), v1::IN_DOUBT_RESOLUTION_ASSUME_DELIVERED), 0);
  ExpectCountsEqualARecount(ids);
}

TEST_F(OperatorsTest, WhatWasCanceledIsNeverSent) {
  Start();
  Pause();
  const std::vector<std::string> ids = RecordEvents(20);
  EXPECT_EQ(Cancel(Selection({ids[3], ids[4], ids[11]})), 3);
  EXPECT_EQ(StateCounts(service_, kPixel)[v1::DELIVERY_STATE_PENDING], 17);
  Resume();
  ASSERT_TRUE(AwaitCount(v1::DELIVERY_STATE_DELIVERED, 17));
  const std::set<std::string> canceled = {ids[3], ids[4], ids[11]};
  for (const JournalEvent& event : deployment_.ReadJournal().events) {
    EXPECT_FALSE(canceled.contains(event.event_id));
  }
  EXPECT_EQ(Cancel(Selection()), 0);
  EXPECT_EQ(GetEvent(service_, kPixel, ids[4]).state_reason(), "CANCELED: a test");
  ExpectCountsEqualARecount(ids);
}

// Events recorded before the lane count changed stay where they are; their ids find them there.
TEST_F(OperatorsTest, IdsFindEventsRecordedBeforeTheLanesChanged) {
  Start();
  Pause();
  const std::vector<std::string> ids = RecordEvents(20);
  v1::UpdateDestinationRequest request;
  request.set_destination_id(kPixel);
  request.mutable_settings()->set_lane_count(4);
  grpc::ClientContext context;
  v1::UpdateDestinationResponse response;
  const grpc::Status updated = service_.admin->UpdateDestination(&context, request, &response);
  ASSERT_TRUE(updated.ok()) << updated.error_message();
  EXPECT_EQ(Cancel(Selection(ids)), 20);
  EXPECT_THAT(StateCounts(service_, kPixel), ElementsAre(Pair(v1::DELIVERY_STATE_CANCELED, 20)));
}

}  // namespace
}  // namespace snapledger::e2e
