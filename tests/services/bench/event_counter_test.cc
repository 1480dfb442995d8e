#include "services/bench/event_counter.h"

#include <gtest/gtest.h>

namespace snapledger::bench {
namespace {

constexpr std::string_view kBody =
    R"({"data":[{"event_name":"PURCHASE","event_time":1,"x":"event_time"},{"event_time":22},)"
    R"({"event_time":3,"text":"\"event_time\":"}]})";

TEST(EventCounterTest, CountsAnEventWhereverItsBodyIsCut) {
  for (size_t cut = 0; cut <= kBody.size(); ++cut) {
    EventCounter counter;
    counter.Add(kBody.substr(0, cut));
    counter.Add(kBody.substr(cut));
    ASSERT_EQ(counter.count(), 3) << "cut at " << cut;
  }
}

TEST(EventCounterTest, CountsEventsThatComeByteByByte) {
  EventCounter counter;
  for (const char& byte : kBody) counter.Add({&byte, 1});
  EXPECT_EQ(counter.count(), 3);
}

}  // namespace
}  // namespace snapledger::bench
