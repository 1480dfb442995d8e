#include "services/bench/call_load.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>

#include "absl/synchronization/mutex.h"

namespace snapledger::bench {
namespace {

TEST(RunLoadTest, MakesEachCallOnceAndTimesIt) {
  std::set<int64_t> numbers;
  const auto load = RunLoad({.calls = 10, .concurrency = 3},
                            [&](int /*slot*/, int64_t number, const CallDone& done) {
                              numbers.insert(number);
                              done(absl::OkStatus());
                            });
  ASSERT_TRUE(load.ok());
  EXPECT_EQ(numbers.size(), 10);
  EXPECT_EQ(*numbers.rbegin(), 9);
  EXPECT_EQ(load->milliseconds.size(), 10);
}

TEST(RunLoadTest, KeepsAsManyInFlightAsAsked) {
  std::vector<CallDone> waiting;
  const auto load =
      RunLoad({.calls = 6, .concurrency = 3}, [&](int /*slot*/, int64_t /*number*/, CallDone done) {
        waiting.push_back(std::move(done));
        if (waiting.size() < 3) return;
        std::vector<CallDone> all;
        all.swap(waiting);
        for (const CallDone& each : all) each(absl::OkStatus());
      });
  ASSERT_TRUE(load.ok());
  EXPECT_EQ(load->milliseconds.size(), 6);
}

TEST(RunLoadTest, BeginsEachCallAtItsTime) {
  std::set<int64_t> numbers;
  const auto load = RunLoad({.calls = 40, .concurrency = 2, .calls_per_second = 1000},
                            [&](int /*slot*/, int64_t number, const CallDone& done) {
                              numbers.insert(number);
                              done(absl::OkStatus());
                            });
  ASSERT_TRUE(load.ok());
  EXPECT_EQ(numbers.size(), 40);
  EXPECT_EQ(load->milliseconds.size(), 40);
  EXPECT_GE(load->seconds, 0.039);
}

TEST(RunLoadTest, ALateCallHasItsWaitCounted) {
  std::optional<CallDone> held;
  const auto load = RunLoad({.calls = 3, .concurrency = 2, .calls_per_second = 20},
                            [&](int /*slot*/, int64_t number, CallDone done) {
                              if (number == 0) {
                                held = std::move(done);
                                return;
                              }
                              done(absl::OkStatus());
                              if (number == 2) (*held)(absl::OkStatus());
                            });
  ASSERT_TRUE(load.ok());
  // From its own moment to the third's, 100 ms later.
  EXPECT_GE(*std::max_element(load->milliseconds.begin(), load->milliseconds.end()), 99);
}

TEST(RunLoadTest, EndsWithTheFirstFailure) {
  int made = 0;
  const auto load = RunLoad({.calls = 100, .concurrency = 1},
                            [&](int /*slot*/, int64_t number, const CallDone& done) {
                              ++made;
                              done(number == 4 ? absl::InternalError("no") : absl::OkStatus());
                            });
  EXPECT_EQ(load.status().message(), "no");
  EXPECT_EQ(made, 5);
}

}  // namespace
}  // namespace snapledger::bench
