// Lists through the whole service, compared with what was recorded.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/e2e/deployment.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";
constexpr char kOther[] = "7abc82ca-1111-4222-8333-abcdefabcdef";
constexpr int kEvents = 2400;
constexpr int kPersons = 40;

std::string EmailOf(int person) { return "lists.person" + std::to_string(person) + "@example.com"; }

// One deployment for all tests of the file: its events do not change.
class ListTest : public ::testing::Test {
 protected:
  struct Recorded {
    std::string name, source, order_id;
    int person = 0;
    bool suppressed = false;
  };
  struct World {
    Deployment deployment;
    Service service = deployment.StartService();
    std::map<std::string, Recorded> recorded;  // by event id
  };

  static void SetUpTestSuite() {
    world_ = new World;
    v1::DestinationSettings lanes;
    lanes.set_lane_count(3);
    CreateDestination(world_->service, kPixel, v1::DESTINATION_KIND_PIXEL, lanes);
    CreateDestination(world_->service, kOther, v1::DESTINATION_KIND_PIXEL);
    support::RealisticEvents generator(3, "list-", absl::Now());
    std::vector<v1::ConversionEvent> batch;
    size_t batch_size = 1;
    for (int i = 0; i < kEvents; ++i) {
      batch.push_back(MakeEvent(&generator, i));
      if (batch.size() < batch_size && i + 1 < kEvents) continue;
      Record(world_->service, kPixel, batch);
      batch.clear();
      batch_size = batch_size % 97 + 5;
    }
    const int suppressed = kEvents / 50;
    AwaitDelivered(world_->service, kPixel, kEvents - suppressed);
  }

  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }

  static v1::ConversionEvent MakeEvent(support::RealisticEvents* generator, int i) {
    v1::ConversionEvent event = generator->Offline();
    Recorded recorded = {.name = i % 3 == 0 ? "own name" : "PURCHASE",
                         .source = i % 7 == 0 ? "till" : "site",
                         .order_id = "order-" + std::to_string(i / 2),
                         .person = i % kPersons,
                         .suppressed = i % 50 == 0};
    if (i % 3 == 0) event.set_custom_event(recorded.name);
    event.set_source(recorded.source);
    event.mutable_custom_data()->set_order_id(recorded.order_id);
    event.mutable_user_data()->add_email()->set_raw(EmailOf(recorded.person));
    if (recorded.suppressed) event.set_consent(v1::CONSENT_DENIED);
    world_->recorded[event.event_id()] = recorded;
    return event;
  }

  static v1::ListEventsRequest Request() {
    v1::ListEventsRequest request;
    request.set_destination(kPixel);
    return request;
  }

  static grpc::Status List(const v1::ListEventsRequest& request, v1::ListEventsResponse* response) {
    grpc::ClientContext context;
    return world_->service.conversions->ListEvents(&context, request, response);
  }

  // All pages; fails the test where one fails, repeats an event or is out of order.
  static std::vector<v1::EventStatus> ListAll(v1::ListEventsRequest request, int page_size) {
    std::vector<v1::EventStatus> events;
    std::set<std::string> ids;
    request.set_page_size(page_size);
    do {
      v1::ListEventsResponse page;
      const grpc::Status status = List(request, &page);
      EXPECT_TRUE(status.ok()) << status.error_message();
      EXPECT_LE(page.events_size(), page_size);
      for (const v1::EventStatus& event : page.events()) {
        EXPECT_TRUE(ids.insert(event.event_id()).second) << event.event_id();
        if (!events.empty()) {
          EXPECT_GE(NanosOf(events.back()), NanosOf(event)) << event.event_id();
        }
        events.push_back(event);
      }
      request.set_page_token(status.ok() ? page.next_page_token() : "");
    } while (!request.page_token().empty());
    return events;
  }

  static int64_t NanosOf(const v1::EventStatus& event) {
    return event.received_time().seconds() * 1'000'000'000 + event.received_time().nanos();
  }

  template <typename Condition>
  static std::vector<std::string> IdsOf(Condition condition) {
    std::vector<std::string> ids;
    for (const auto& [id, recorded] : world_->recorded) {
      if (condition(recorded)) ids.push_back(id);
    }
    return ids;
  }

  // The same by pages of several sizes.
  template <typename Condition>
  static void ExpectListed(const v1::ListEventsRequest& request, Condition condition,
                           const std::vector<int>& page_sizes = {7, 1000}) {
    const std::vector<std::string> expected = IdsOf(condition);
    for (const int page_size : page_sizes) {
      std::vector<std::string> ids;
      for (const v1::EventStatus& event : ListAll(request, page_size)) {
        ids.push_back(event.event_id());
      }
      EXPECT_THAT(ids, UnorderedElementsAreArray(expected)) << "pages of " << page_size;
    }
  }

  // "CODE REASON" of a call that must fail.
  static std::string Refused(const v1::ListEventsRequest& request) {
    v1::ListEventsResponse response;
    const grpc::Status status = List(request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    google::rpc::Status details;
    EXPECT_TRUE(details.ParseFromString(status.error_details()));
    google::rpc::ErrorInfo info;
    for (const google::protobuf::Any& any : details.details()) any.UnpackTo(&info);
    return info.reason();
  }

  static World* world_;
};

ListTest::World* ListTest::world_ = nullptr;

TEST_F(ListTest, EverythingIsListedOnceNewestFirst) {
  ExpectListed(Request(), [](const Recorded&) { return true; });
}

TEST_F(ListTest, AnEventIsShownAsGetEventShowsIt) {
  v1::ListEventsRequest request = Request();
  request.add_event_names("own name");
  request.add_states(v1::DELIVERY_STATE_DELIVERED);
  request.set_page_size(3);
  v1::ListEventsResponse page;
  ASSERT_TRUE(List(request, &page).ok());
  ASSERT_THAT(page.events(), SizeIs(3));
  for (const v1::EventStatus& listed : page.events()) {
    v1::EventStatus whole = GetEvent(world_->service, kPixel, listed.event_id());
    EXPECT_FALSE(whole.transitions().empty());
    whole.clear_transitions();
    whole.clear_attempts();
    EXPECT_EQ(listed.SerializeAsString(), whole.SerializeAsString())
        << listed.DebugString() << whole.DebugString();
  }
}

TEST_F(ListTest, StatesSelect) {
  v1::ListEventsRequest request = Request();
  request.add_states(v1::DELIVERY_STATE_SUPPRESSED);
  ExpectListed(request, [](const Recorded& event) { return event.suppressed; }, {1, 7, 1000});
  request.add_states(v1::DELIVERY_STATE_DELIVERED);
  ExpectListed(request, [](const Recorded&) { return true; });
  request.clear_states();
  request.add_states(v1::DELIVERY_STATE_PENDING);
  request.add_states(v1::DELIVERY_STATE_IN_FLIGHT);
  ExpectListed(request, [](const Recorded&) { return false; });
}

TEST_F(ListTest, NamesAndSourcesSelect) {
  v1::ListEventsRequest request = Request();
  request.add_event_names("own name");
  ExpectListed(request, [](const Recorded& event) { return event.name == "own name"; });
  request.add_sources("till");
  request.add_sources("nobody's");
  ExpectListed(
      request,
      [](const Recorded& event) { return event.name == "own name" && event.source == "till"; },
      {1, 7, 1000});
  request.clear_sources();
  request.add_sources("nobody's");
  ExpectListed(request, [](const Recorded&) { return false; });
}

TEST_F(ListTest, AnOrderIsFoundById) {
  v1::ListEventsRequest request = Request();
  request.set_order_id(" order-77 ");
  ExpectListed(request, [](const Recorded& event) { return event.order_id == "order-77"; },
               {1, 7, 1000});
}

TEST_F(ListTest, APersonIsFoundByEmail) {
  v1::ListEventsRequest request = Request();
  request.set_identifier_kind(v1::IDENTIFIER_KIND_EMAIL);
  request.mutable_identifier()->set_raw(" Lists.Person13@Example.com");
  const auto is_person = [](const Recorded& event) {
    return event.person == 13 && !event.suppressed;
  };
  ExpectListed(request, is_person, {1, 7, 1000});
  request.add_sources("till");
  ExpectListed(request,
               [&](const Recorded& event) { return is_person(event) && event.source == "till"; });
}

TEST_F(ListTest, ARangeOfReceiptSelects) {
  const std::vector<v1::EventStatus> all = ListAll(Request(), 1000);
  ASSERT_THAT(all, SizeIs(kEvents));
  v1::ListEventsRequest request = Request();
  const v1::EventStatus& newest = all[kEvents / 4];
  const v1::EventStatus& oldest = all[kEvents / 2];
  *request.mutable_received()->mutable_start_time() = oldest.received_time();
  *request.mutable_received()->mutable_end_time() = newest.received_time();
  std::vector<std::string> expected;
  for (const v1::EventStatus& event : all) {
    if (NanosOf(event) >= NanosOf(oldest) && NanosOf(event) < NanosOf(newest)) {
      expected.push_back(event.event_id());
    }
  }
  std::vector<std::string> ids;
  for (const v1::EventStatus& event : ListAll(request, 100)) ids.push_back(event.event_id());
  EXPECT_EQ(ids, expected);
}

TEST_F(ListTest, ATokenIsOfItsQuestionOnly) {
  v1::ListEventsRequest request = Request();
  request.add_event_names("PURCHASE");
  request.set_page_size(2);
  v1::ListEventsResponse page;
  ASSERT_TRUE(List(request, &page).ok());
  ASSERT_FALSE(page.next_page_token().empty());
  request.set_page_token(page.next_page_token());
  request.set_page_size(50);
  EXPECT_TRUE(List(request, &page).ok()) << "another page size is the same question";
  v1::ListEventsRequest other = request;
  other.add_sources("till");
  EXPECT_EQ(Refused(other), "INVALID_PAGE_TOKEN");
  other = request;
  other.set_destination(kOther);
  EXPECT_EQ(Refused(other), "INVALID_PAGE_TOKEN");
  other = request;
  other.mutable_page_token()->back() ^= 1;
  EXPECT_EQ(Refused(other), "INVALID_PAGE_TOKEN");
  v1::ListAttemptsRequest attempts;
  attempts.set_destination(kPixel);
  attempts.set_page_size(1);
  v1::ListAttemptsResponse attempt_page;
  grpc::ClientContext context;
  ASSERT_TRUE(world_->service.conversions->ListAttempts(&context, attempts, &attempt_page).ok());
  other = Request();
  other.set_page_token(attempt_page.next_page_token());
  EXPECT_EQ(Refused(other), "INVALID_PAGE_TOKEN");
}

TEST_F(ListTest, NonsenseIsRefused) {
  v1::ListEventsRequest request = Request();
  request.set_page_size(-1);
  EXPECT_EQ(Refused(request), "INVALID_REQUEST");
  request = {};
  EXPECT_EQ(Refused(request), "INVALID_REQUEST");
  request = Request();
  request.add_states(v1::DELIVERY_STATE_UNSPECIFIED);
  EXPECT_EQ(Refused(request), "INVALID_REQUEST");
  request = Request();
  request.set_identifier_kind(v1::IDENTIFIER_KIND_EMAIL);
  EXPECT_EQ(Refused(request), "INVALID_REQUEST");
  request.set_identifier_kind(v1::IDENTIFIER_KIND_IP_AND_USER_AGENT);
  request.mutable_identifier()->set_raw("203.0.113.9");
  EXPECT_EQ(Refused(request), "INVALID_REQUEST");
  request = Request();
  request.mutable_received()->mutable_start_time()->set_seconds(9);
  request.mutable_received()->mutable_end_time()->set_seconds(9);
  EXPECT_EQ(Refused(request), "INVALID_REQUEST");
}

TEST_F(ListTest, AttemptsAreListedNewestFirst) {
  v1::ListAttemptsRequest request;
  request.set_destination(kPixel);
  request.set_page_size(2);
  std::set<std::string> attempt_ids;
  int64_t events = 0;
  double last = 1e18;
  do {
    v1::ListAttemptsResponse page;
    grpc::ClientContext context;
    ASSERT_TRUE(world_->service.conversions->ListAttempts(&context, request, &page).ok());
    for (const v1::Attempt& attempt : page.attempts()) {
      EXPECT_TRUE(attempt_ids.insert(attempt.attempt_id()).second);
      EXPECT_EQ(attempt.outcome(), v1::ATTEMPT_OUTCOME_DELIVERED);
      EXPECT_EQ(attempt.number(), 0);
      const double sent = attempt.sent_time().seconds() + attempt.sent_time().nanos() / 1e9;
      EXPECT_LE(sent, last);
      last = sent;
      events += attempt.batch_size();
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(events, kEvents - kEvents / 50);
  EXPECT_THAT(attempt_ids, SizeIs(world_->deployment.ReadJournal().requests.size()));
}

TEST_F(ListTest, TheAttemptsOfOneEventAreNumbered) {
  const std::vector<std::string> sent =
      IdsOf([](const Recorded& event) { return !event.suppressed; });
  v1::ListAttemptsRequest request;
  request.set_destination(kPixel);
  request.set_event_id(sent.front());
  v1::ListAttemptsResponse page;
  grpc::ClientContext context;
  ASSERT_TRUE(world_->service.conversions->ListAttempts(&context, request, &page).ok());
  ASSERT_THAT(page.attempts(), SizeIs(1));
  EXPECT_EQ(page.attempts(0).number(), 1);
  request.set_event_id("never recorded");
  grpc::ClientContext unknown;
  EXPECT_EQ(world_->service.conversions->ListAttempts(&unknown, request, &page).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

// A lot of so many events is sealed in pieces, of which GetEvent opens one. The deployment is its
// own: others count the requests of theirs.
TEST(LongLotTest, AnEventIsShownWithItsOwnOrder) {
  constexpr int kLotEvents = 200;
  Deployment deployment;
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  support::RealisticEvents generator(4, "long-", absl::Now());
  std::vector<v1::ConversionEvent> events;
  for (int i = 0; i < kLotEvents; ++i) {
    events.push_back(generator.Offline());
    events.back().mutable_custom_data()->set_order_id("order-" + std::to_string(i));
  }
  Record(service, kPixel, events);
  AwaitDelivered(service, kPixel, kLotEvents);
  for (const v1::ConversionEvent& event : events) {
    EXPECT_EQ(GetEvent(service, kPixel, event.event_id()).order_id(),
              event.custom_data().order_id());
  }
}

}  // namespace
}  // namespace snapledger::e2e
