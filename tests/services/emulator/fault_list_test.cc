#include "services/emulator/fault_list.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace snapledger::emulator {
namespace {

Route To(Endpoint endpoint, const std::string& asset = "px") {
  Route route;
  route.endpoint = endpoint;
  route.asset = asset;
  return route;
}

class FaultListTest : public testing::Test {
 protected:
  void Set(const std::string& json) {
    auto faults = ParseFaults(json);
    ASSERT_TRUE(faults.ok()) << faults.status().message();
    list_.Replace(*std::move(faults));
  }
  std::string Take(Endpoint endpoint = Endpoint::kEvents, const std::string& asset = "px") {
    const FaultPtr fault = list_.TakeForRequest(To(endpoint, asset));
    return fault == nullptr ? "" : fault->name;
  }

  FaultList list_{1};
};

TEST_F(FaultListTest, FirstMatchStrikesUntilItsCountIsUsedUp) {
  Set(R"([{"kind":"hang","count":2},{"kind":"status"}])");
  EXPECT_EQ(Take(), "hang");
  EXPECT_EQ(Take(), "hang");
  EXPECT_EQ(Take(), "status");
  EXPECT_EQ(Take(), "status");
}

TEST_F(FaultListTest, AfterLetsMatchesPass) {
  Set(R"([{"kind":"hang","after":2,"count":1}])");
  EXPECT_EQ(Take(), "");
  EXPECT_EQ(Take(Endpoint::kLogs), "");
  EXPECT_EQ(Take(), "hang");
  EXPECT_EQ(Take(), "");
}

TEST_F(FaultListTest, AssetAndEndpointNarrow) {
  Set(R"([{"kind":"hang","asset":"a"},{"kind":"delay","endpoint":"validate"}])");
  EXPECT_EQ(Take(Endpoint::kEvents, "a"), "hang");
  EXPECT_EQ(Take(Endpoint::kValidate, "b"), "delay");
  EXPECT_EQ(Take(Endpoint::kEvents, "b"), "");
}

TEST_F(FaultListTest, ProbabilityIsSeeded) {
  const auto run = [](uint64_t seed) {
    FaultList list(seed);
    list.Replace(*ParseFaults(R"([{"kind":"hang","probability":0.3}])"));
    std::string pattern;
    for (int i = 0; i < 1000; ++i) {
      pattern.push_back(list.TakeForRequest(To(Endpoint::kEvents)) == nullptr ? '.' : 'x');
    }
    return pattern;
  };
  const std::string pattern = run(7);
  EXPECT_EQ(pattern, run(7));
  EXPECT_NE(pattern, run(8));
  EXPECT_NEAR(static_cast<double>(std::count(pattern.begin(), pattern.end(), 'x')), 300, 60);
}

TEST_F(FaultListTest, ScopesAreApart) {
  Set(R"([{"kind":"tls_hang","count":1},{"kind":"reject_events","event_ids":["e1"]},
          {"kind":"hang"}])");
  EXPECT_EQ(Take(), "hang");
  EXPECT_EQ(list_.TakeForConnection()->name, "tls_hang");
  EXPECT_EQ(list_.TakeForConnection(), nullptr);
  const Route route = To(Endpoint::kEvents);
  EXPECT_EQ(list_.TakeForEvents(route, {"e0"}), nullptr);
  EXPECT_EQ(list_.TakeForEvents(route, {"e0", "e1"})->name, "reject_events");
}

TEST_F(FaultListTest, ReportTellsWhatWasUsed) {
  Set(R"([{"kind":"hang","name":"first","count":3,"after":1},{"kind":"status"}])");
  Take();
  Take();
  EXPECT_EQ(list_.Report(),
            R"({"faults":[{"name":"first","kind":"hang","matched":2,"struck":1,"left":2},)"
            R"({"name":"status","kind":"status","matched":1,"struck":1,"left":null}]})");
}

TEST_F(FaultListTest, ReplacingForgetsCounts) {
  Set(R"([{"kind":"hang","count":1}])");
  EXPECT_EQ(Take(), "hang");
  Set(R"([{"kind":"hang","count":1}])");
  EXPECT_EQ(Take(), "hang");
  Set("[]");
  EXPECT_EQ(Take(), "");
}

}  // namespace
}  // namespace snapledger::emulator
