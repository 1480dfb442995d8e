// Coverage as GetMatchRates tells it, against a recount of what arrived at Snap.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <map>

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

std::map<std::string, NameCoverage> Recount(const Journal& journal) {
  std::map<std::string, NameCoverage> coverage;
  for (const JournalEvent& arrived : journal.events) {
    rapidjson::Document event;
    event.Parse(arrived.event_json.c_str());
    NameCoverage& counts = coverage[event["event_name"].GetString()];
    ++counts.events;
    for (const auto& [kind, one] : IdentifiersOf(event)) counts.usable[kind] += one;
  }
  return coverage;
}

std::map<std::string, NameCoverage> Reported(Service& service, v1::DenominatorKind denominator) {
  v1::GetMatchRatesRequest request;
  request.set_destination(kPixel);
  request.add_group_by(v1::GROUPING_EVENT_NAME);
  request.set_denominator_kind(denominator);
  grpc::ClientContext context;
  v1::GetMatchRatesResponse response;
  const grpc::Status status = service.conversions->GetMatchRates(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  std::map<std::string, NameCoverage> coverage;
  for (const v1::MatchRateRow& row : response.rows()) {
    NameCoverage& counts = coverage[row.event_name()];
    counts.events = row.eligible();
    for (const v1::IdentifierRate& rate : row.identifiers()) {
      EXPECT_EQ(rate.usable().denominator(), row.eligible());
      EXPECT_EQ(rate.usable().status(), v1::MEASURE_STATUS_EXACT);
      if (rate.usable().numerator() > 0) counts.usable[rate.kind()] = rate.usable().numerator();
    }
  }
  return coverage;
}

TEST(CoverageTest, EqualsARecountOfWhatArrived) {
  constexpr int kEvents = 3000;
  Deployment deployment;
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  support::RealisticEvents generator(11, "cover-", absl::Now());
  for (int sent = 0; sent < kEvents; sent += 100) {
    std::vector<v1::ConversionEvent> events;
    for (int i = 0; i < 100; ++i) {
      events.push_back(i % 7 == 0 ? generator.Offline() : generator.Web());
      // Placeholders are supplied, never usable, and never sent.
      if (i % 5 == 0) events.back().mutable_user_data()->add_gender()->set_raw("undefined");
    }
    Record(service, kPixel, events);
  }
  ASSERT_EQ(AwaitDelivered(service, kPixel, kEvents)[v1::DELIVERY_STATE_DELIVERED], kEvents);
  const std::map<std::string, NameCoverage> recount = Recount(deployment.ReadJournal());
  EXPECT_EQ(Reported(service, v1::DENOMINATOR_KIND_RECORDED), recount);
  EXPECT_EQ(Reported(service, v1::DENOMINATOR_KIND_DELIVERED), recount);
}

}  // namespace
}  // namespace snapledger::e2e
