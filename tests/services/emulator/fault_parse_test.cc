#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/emulator/fault.h"

namespace snapledger::emulator {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::string& json) {
  return std::string(ParseFaults(json).status().message());
}

Fault One(const std::string& json) {
  const auto faults = ParseFaults(absl::StrCat("[", json, "]"));
  EXPECT_TRUE(faults.ok()) << faults.status().message();
  return faults.ok() && !faults->empty() ? (*faults)[0] : Fault();
}

TEST(FaultParse, ReadsEveryCommonMember) {
  const Fault fault = One(R"({"kind":"status","name":"storm","status":503,"count":3,"after":2,
      "asset":"px","endpoint":"events","probability":0.25,"headers":{"X-A":"b"},"body":"oops",
      "retry_after":1.5,"process":true})");
  EXPECT_EQ(fault.kind, FaultKind::kStatus);
  EXPECT_EQ(fault.name, "storm");
  EXPECT_EQ(fault.status, 503);
  EXPECT_EQ(fault.count, 3U);
  EXPECT_EQ(fault.after, 2U);
  EXPECT_EQ(fault.asset, "px");
  EXPECT_EQ(fault.endpoint, Endpoint::kEvents);
  EXPECT_EQ(fault.probability, 0.25);
  EXPECT_EQ(fault.headers[0].second, "b");
  EXPECT_EQ(fault.body, "oops");
  EXPECT_EQ(fault.retry_after, 1.5);
  EXPECT_TRUE(fault.process);
}

TEST(FaultParse, DefaultsByKind) {
  EXPECT_EQ(One(R"({"kind":"throttle"})").status, 429);
  EXPECT_EQ(One(R"({"kind":"redirect"})").status, 302);
  EXPECT_FALSE(One(R"({"kind":"status"})").process);
  EXPECT_TRUE(One(R"({"kind":"hang"})").process);
  EXPECT_FALSE(One(R"({"kind":"reset_before_read"})").process);
  EXPECT_TRUE(One(R"({"kind":"half_answer"})").process);
  EXPECT_EQ(One(R"({"kind":"status"})").name, "status");
  EXPECT_FALSE(One(R"({"kind":"status"})").count.has_value());
  EXPECT_EQ(One(R"({"kind":"delay","ms":250})").duration, absl::Milliseconds(250));
  EXPECT_EQ(One(R"({"kind":"hang","seconds":0.5})").duration, absl::Milliseconds(500));
  EXPECT_TRUE(One(R"({"kind":"half_answer","how":"reset"})").reset);
  EXPECT_TRUE(One(R"({"kind":"close_keepalive","when":"next_request"})").on_next_request);
  EXPECT_TRUE(One(R"({"kind":"throttle","retry_after_as":"date"})").retry_after_as_date);
}

TEST(FaultParse, TakesAnObjectOrABareList) {
  EXPECT_EQ(ParseFaults(R"({"faults":[{"kind":"hang"},{"kind":"status"}]})")->size(), 2U);
  EXPECT_TRUE(ParseFaults("[]")->empty());
}

TEST(FaultParse, SaysWhatIsWrong) {
  EXPECT_THAT(ErrorOf("nonsense"), HasSubstr("not JSON"));
  EXPECT_THAT(ErrorOf("7"), HasSubstr("must be a list"));
  EXPECT_THAT(ErrorOf(R"({"fault":[]})"), HasSubstr("must be a list"));
  EXPECT_THAT(ErrorOf(R"({"faults":[],"x":1})"), HasSubstr("one member 'faults'"));
  EXPECT_THAT(ErrorOf("[7]"), HasSubstr("fault 1: must be an object"));
  EXPECT_THAT(ErrorOf(R"([{"kind":"hang"},{"kind":"boom"}])"),
              HasSubstr("fault 2: kind must be one of status, throttle"));
  EXPECT_THAT(ErrorOf(R"([{"status":500}])"), HasSubstr("kind must be one of"));
  EXPECT_THAT(ErrorOf(R"([{"kind":"status","colour":1}])"),
              HasSubstr("does not take the member 'colour'"));
  EXPECT_THAT(ErrorOf(R"([{"kind":"hang","status":500}])"), HasSubstr("kind hang does not take"));
  EXPECT_THAT(ErrorOf(R"([{"kind":"delay","process":false}])"), HasSubstr("'process'"));
  EXPECT_THAT(ErrorOf(R"([{"kind":"tls_hang","asset":"px"}])"), HasSubstr("'asset'"));
  EXPECT_THAT(ErrorOf(R"([{"kind":"status","status":"500"}])"), HasSubstr("whole number"));
  EXPECT_THAT(ErrorOf(R"([{"kind":"status","status":99}])"), HasSubstr("from 100 to 999"));
  EXPECT_THAT(ErrorOf(R"([{"kind":"status","count":-1}])"), HasSubstr("count must be"));
  EXPECT_THAT(ErrorOf(R"([{"kind":"status","probability":2}])"), HasSubstr("from 0 to 1"));
  EXPECT_THAT(ErrorOf(R"([{"kind":"status","endpoint":"home"}])"), HasSubstr("endpoint must be"));
  EXPECT_THAT(ErrorOf(R"([{"kind":"status","headers":{"A":"b\r\nC: d"}}])"),
              HasSubstr("one-line strings"));
  EXPECT_THAT(ErrorOf(R"([{"kind":"reject_events"}])"), HasSubstr("event_ids is needed"));
  EXPECT_THAT(ErrorOf(R"([{"kind":"reject_events","event_ids":[1]}])"), HasSubstr("event_ids"));
  EXPECT_THAT(ErrorOf(R"([{"kind":"redirect","status":200}])"), HasSubstr("from 300 to 399"));
  EXPECT_THAT(ErrorOf(R"([{"kind":"half_answer","how":"softly"}])"), HasSubstr("close or reset"));
}

TEST(FaultParse, EveryKindHasAName) {
  for (const char* const name : {"status",
                                 "throttle",
                                 "redirect",
                                 "hang",
                                 "delay",
                                 "reset_before_read",
                                 "reset_after_body",
                                 "half_answer",
                                 "bad_json",
                                 "empty_200",
                                 "wrong_length",
                                 "never_ending",
                                 "slow_loris",
                                 "oversized",
                                 "gzip_bomb",
                                 "close_keepalive",
                                 "tls_hang",
                                 "refuse_connections",
                                 "expired_certificate",
                                 "wrong_host_certificate"}) {
    EXPECT_EQ(FaultKindName(One(absl::StrCat(R"({"kind":")", name, "\"}")).kind), name);
  }
}

}  // namespace
}  // namespace snapledger::emulator
