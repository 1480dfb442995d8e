// Coverage as GetMatchRates tells it, against a recount of what arrived at Snap.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/e2e/deployment.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";

using KindCounts = std::map<v1::IdentifierKind, int64_t>;

struct NameCoverage {
  int64_t events = 0;
  KindCounts usable;
  bool operator==(const NameCoverage&) const = default;
};

// Which identifiers Snap got with an event, read from the JSON that arrived.
KindCounts IdentifiersOf(const rapidjson::Value& event) {
  static const std::map<std::string, v1::IdentifierKind> kMembers = {
      {"em", v1::IDENTIFIER_KIND_EMAIL},           {"ph", v1::IDENTIFIER_KIND_PHONE},
      {"madid", v1::IDENTIFIER_KIND_MOBILE_AD_ID}, {"sc_click_id", v1::IDENTIFIER_KIND_CLICK_ID},
      {"sc_cookie1", v1::IDENTIFIER_KIND_COOKIE1}, {"external_id", v1::IDENTIFIER_KIND_EXTERNAL_ID},
      {"fn", v1::IDENTIFIER_KIND_FIRST_NAME},      {"ln", v1::IDENTIFIER_KIND_LAST_NAME},
      {"ge", v1::IDENTIFIER_KIND_GENDER},          {"ct", v1::IDENTIFIER_KIND_CITY},
      {"st", v1::IDENTIFIER_KIND_STATE},           {"zp", v1::IDENTIFIER_KIND_ZIP},
      {"country", v1::IDENTIFIER_KIND_COUNTRY},    {"idfv", v1::IDENTIFIER_KIND_IDFV}};
  KindCounts kinds;
  const rapidjson::Value& user_data = event["user_data"];
  for (const auto& [member, kind] : kMembers) {
    if (user_data.HasMember(member.c_str())) kinds[kind] = 1;
  }
  if (user_data.HasMember("client_ip_address") && user_data.HasMember("client_user_agent")) {
    kinds[v1::IDENTIFIER_KIND_IP_AND_USER_AGENT] = 1;
  }
  return kinds;
}

// By source and event name.
using Coverage = std::map<std::pair<std::string, std::string>, NameCoverage>;

constexpr const char* kSources[] = {"web", "checkout-web", "app-web", "partner", "store"};
constexpr v1::StandardEvent kNames[] = {
    v1::STANDARD_EVENT_PURCHASE,     v1::STANDARD_EVENT_START_CHECKOUT, v1::STANDARD_EVENT_ADD_CART,
    v1::STANDARD_EVENT_VIEW_CONTENT, v1::STANDARD_EVENT_PAGE_VIEW,      v1::STANDARD_EVENT_SIGN_UP};
constexpr int kEventsACall = 500;

// The suite counts some thousand; SNAPLEDGER_COVERAGE_EVENTS asks for more.
int EventCount() {
  const char* const given = std::getenv("SNAPLEDGER_COVERAGE_EVENTS");
  return given == nullptr ? 6000 : std::atoi(given);
}

// Snap is told the event's id but not its source.
std::string SourceOf(int number) { return kSources[number % std::size(kSources)]; }
std::string IdOf(int number) { return absl::StrCat("cover-", number); }
int NumberOf(std::string_view id) {
  int number = -1;
  EXPECT_TRUE(absl::SimpleAtoi(absl::string_view(id.data(), id.size()).substr(6), &number)) << id;
  return number;
}

v1::ConversionEvent EventOf(int number, support::RealisticEvents* generator) {
  v1::ConversionEvent event = number % 7 == 0 ? generator->Offline() : generator->Web();
  event.set_event_id(IdOf(number));
  event.set_source(SourceOf(number));
  event.set_standard_event(kNames[number / 5 % std::size(kNames)]);
  event.mutable_custom_data()->set_currency("USD");
  if (event.custom_data().value().empty()) event.mutable_custom_data()->set_value("1.00");
  // Placeholders are supplied, never usable, and never sent.
  if (number % 5 == 0) event.mutable_user_data()->add_gender()->set_raw("undefined");
  return event;
}

Coverage Recount(const Journal& journal) {
  Coverage coverage;
  for (const JournalEvent& arrived : journal.events) {
    rapidjson::Document event;
    event.Parse(arrived.event_json.c_str());
    NameCoverage& counts =
        coverage[{SourceOf(NumberOf(arrived.event_id)), event["event_name"].GetString()}];
    ++counts.events;
    for (const auto& [kind, one] : IdentifiersOf(event)) counts.usable[kind] += one;
  }
  return coverage;
}

struct Asked {
  v1::DenominatorKind denominator = v1::DENOMINATOR_KIND_RECORDED;
  bool recount = false;
  absl::Time until = absl::InfiniteFuture();
};

Coverage Reported(Service& service, const Asked& asked) {
  v1::GetMatchRatesRequest request;
  request.set_destination(kPixel);
  request.add_group_by(v1::GROUPING_SOURCE);
  request.add_group_by(v1::GROUPING_EVENT_NAME);
  request.set_denominator_kind(asked.denominator);
  request.set_recount(asked.recount);
  if (asked.until < absl::InfiniteFuture()) {
    request.mutable_received()->mutable_end_time()->set_seconds(absl::ToUnixSeconds(asked.until));
  }
  grpc::ClientContext context;
  v1::GetMatchRatesResponse response;
  const grpc::Status status = service.conversions->GetMatchRates(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  Coverage coverage;
  for (const v1::MatchRateRow& row : response.rows()) {
    NameCoverage& counts = coverage[{row.source(), row.event_name()}];
    counts.events = row.eligible();
    for (const v1::IdentifierRate& rate : row.identifiers()) {
      EXPECT_EQ(rate.usable().denominator(), row.eligible());
      EXPECT_EQ(rate.usable().status(), v1::MEASURE_STATUS_EXACT);
      if (rate.usable().numerator() > 0) counts.usable[rate.kind()] = rate.usable().numerator();
    }
  }
  return coverage;
}

// Of what was received before now: what was begun before and is committed later comes in soon.
void ExpectNoDifferenceDuringIntake(Service& service) {
  const absl::Time until = absl::Now();
  Coverage counters, recount;
  EXPECT_TRUE(Await(absl::Seconds(30), [&] {
    counters = Reported(service, {.until = until});
    recount = Reported(service, {.recount = true, .until = until});
    return counters == recount;
  }));
}

TEST(CoverageTest, EqualsARecountOfWhatArrived) {
  const int count = EventCount();
  Deployment deployment;
  Service service = deployment.StartService();
  v1::DestinationSettings settings;
  settings.set_max_requests_per_second(1000);
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL, settings);
  std::atomic<bool> recorded = false;
  std::thread recorder([&] {
    support::RealisticEvents generator(11, "unused-", absl::Now());
    for (int sent = 0; sent < count; sent += kEventsACall) {
      std::vector<v1::ConversionEvent> events;
      for (int i = sent; i < std::min(count, sent + kEventsACall); ++i) {
        events.push_back(EventOf(i, &generator));
      }
      Record(service, kPixel, events);
    }
    recorded = true;
  });
  int looked = 0;
  while (!recorded) {
    ExpectNoDifferenceDuringIntake(service);
    ++looked;
  }
  recorder.join();
  EXPECT_GT(looked, 0);
  ASSERT_EQ(AwaitDelivered(service, kPixel, count, absl::Hours(1))[v1::DELIVERY_STATE_DELIVERED],
            count);
  const Coverage recount = Recount(deployment.ReadJournal());
  EXPECT_EQ(recount.size(), std::size(kSources) * std::size(kNames));
  EXPECT_EQ(Reported(service, {}), recount);
  EXPECT_EQ(Reported(service, {.denominator = v1::DENOMINATOR_KIND_DELIVERED}), recount);
  RecordProperty("events", count);
  RecordProperty("recounts_during_intake", looked);
}

}  // namespace
}  // namespace snapledger::e2e
