#include "services/ingest/ingest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"
#include "tests/services/destinations/fake_destination_store.h"
#include "tests/services/ingest/fake_ledger.h"
#include "tests/services/labels/fake_label_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_data_key_store.h"
#include "tests/support/status_matchers.h"

namespace snapledger::ingest {
namespace {

using support::StatusIs;

// A call and its answer.
struct Call {
  v1::RecordEventsRequest request;
  v1::RecordEventsResponse response;
  absl::Status status;
  absl::Notification answered;

  const absl::Status& Answer() {
    answered.WaitForNotification();
    return status;
  }
};

class IngestTest : public ::testing::Test {
 protected:
  void SetUp() override {
    keys_.key_encryption_keys[1] = base::Secret(std::string(32, 'k'));
    ASSERT_OK(destinations_.Create({.destination_id = "px", .kind = 1}, "somebody"));
  }

  std::unique_ptr<Call> Record(const std::string& event_id, const std::string& source,
                               int event_count = 1, const std::string& destination = "px") {
    return RecordBy(&ingest_, event_id, source, event_count, destination);
  }

  std::unique_ptr<Call> RecordBy(Ingest* ingest, const std::string& event_id,
                                 const std::string& source, int event_count = 1,
                                 const std::string& destination = "px") {
    auto call = std::make_unique<Call>();
    call->request.set_destination(destination);
    for (int i = 0; i < event_count; ++i) {
      v1::ConversionEvent* const event = call->request.add_events();
      event->set_event_id(event_id + std::to_string(i));
      event->set_standard_event(v1::STANDARD_EVENT_PURCHASE);
      event->mutable_event_time()->set_seconds(absl::ToUnixSeconds(clock_.Now()));
      event->set_action_source(v1::ACTION_SOURCE_WEB);
      event->set_event_source_url("https://shop.example/checkout");
      event->mutable_custom_data()->set_value("10");
      event->mutable_custom_data()->set_currency("EUR");
      event->mutable_user_data()->add_email()->set_raw("one@shop.example");
      event->set_source(source);
    }
    ingest->Record(call->request, &call->response, [call = call.get()](absl::Status status) {
      call->status = std::move(status);
      call->answered.Notify();
    });
    return call;
  }

  support::FakeClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  support::FakeDataKeyStore data_keys_;
  security::KeyRing keys_;
  security::Envelope envelope_{keys_, data_keys_, clock_};
  destinations::FakeDestinationStore destinations_;
  destinations::DestinationDirectory directory_{destinations_, envelope_};
  labels::FakeLabelStore label_store_;
  labels::LabelCache labels_{label_store_};
  FakeLedger ledger_;
  Committer committer_{ledger_, directory_, envelope_, {.writer_count = 1}, [](const auto&) {}};
  base::Secret lookup_key_{std::string(32, 'l')};
  security::BlindIndex blind_index_{lookup_key_};
  Ingest ingest_{directory_, labels_, committer_, blind_index_, clock_, {.thread_count = 1}};
};

TEST_F(IngestTest, ASmallCallWhoseDestinationAndLabelsAreNewIsStoredWithOneVerdictAnEvent) {
  const auto call = Record("e", "shop", 3);
  ASSERT_OK(call->Answer());
  ASSERT_EQ(call->response.verdicts_size(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(call->response.verdicts(i).outcome(), v1::OUTCOME_ACCEPTED);
    EXPECT_EQ(call->response.verdicts(i).index(), i);
  }
  EXPECT_THAT(ledger_.shards, ::testing::SizeIs(1));
}

TEST_F(IngestTest, WhatMemoryKnowsIsStoredWhileTheDatabaseIsAskedAboutOthers) {
  ASSERT_OK(Record("first", "shop")->Answer());
  absl::Notification asked, go_on;
  label_store_.before_insert = [&](std::string_view) {
    asked.Notify();
    go_on.WaitForNotification();
  };
  const auto slow = Record("slow", "new shop");
  asked.WaitForNotification();
  const auto large = Record("large", "shop", 5);  // waits for the one thread, which asks
  const auto quick = Record("quick", "shop", 4);
  EXPECT_OK(quick->Answer());
  EXPECT_FALSE(slow->answered.HasBeenNotified());
  EXPECT_FALSE(large->answered.HasBeenNotified());
  go_on.Notify();
  EXPECT_OK(slow->Answer());
  EXPECT_OK(large->Answer());
  EXPECT_EQ(slow->response.verdicts_size(), 1);
}

TEST_F(IngestTest, ASmallCallOfRejectedEventsIsAnsweredWithoutTheLedger) {
  ASSERT_OK(Record("first", "shop")->Answer());
  const size_t lots = ledger_.shards.size();
  auto call = std::make_unique<Call>();
  call->request.set_destination("px");
  call->request.add_events()->set_event_id("empty");
  ingest_.Record(call->request, &call->response, [&](absl::Status status) {
    call->status = std::move(status);
    call->answered.Notify();
  });
  ASSERT_OK(call->Answer());
  ASSERT_EQ(call->response.verdicts_size(), 1);
  EXPECT_EQ(call->response.verdicts(0).outcome(), v1::OUTCOME_REJECTED);
  EXPECT_EQ(ledger_.shards.size(), lots);
}

TEST_F(IngestTest, CallsBeyondTheBytesInWorkAreRefusedUntilTheirRoomIsGivenBack) {
  Ingest narrow(directory_, labels_, committer_, blind_index_, clock_,
                {.thread_count = 1, .bytes_in_work_max = 1});
  ASSERT_OK(RecordBy(&narrow, "first", "shop")->Answer());
  absl::Notification storing, go_on;
  ledger_.before_append = [&] {
    if (!storing.HasBeenNotified()) storing.Notify();
    go_on.WaitForNotification();
  };
  const auto stored = RecordBy(&narrow, "stored", "shop");
  storing.WaitForNotification();
  for (const int events : {1, 5}) {
    EXPECT_THAT(RecordBy(&narrow, "refused", "shop", events)->Answer(),
                StatusIs(absl::StatusCode::kResourceExhausted));
  }
  go_on.Notify();
  EXPECT_OK(stored->Answer());
  EXPECT_OK(RecordBy(&narrow, "later", "shop")->Answer());
}

TEST_F(IngestTest, ADestinationThatIsNotThereIsNotFound) {
  EXPECT_THAT(Record("e", "shop", 1, "nowhere")->Answer(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Record("e", "shop", 1, "")->Answer(), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace snapledger::ingest
