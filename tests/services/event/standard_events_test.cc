#include "services/event/standard_events.h"

#include <gtest/gtest.h>

namespace snapledger::event {
namespace {

TEST(StandardEvents, KnowsThe31) {
  int known = 0;
  for (int number = -5; number < 100; ++number) {
    const std::string_view name = StandardEventName(number);
    if (name.empty()) continue;
    ++known;
    EXPECT_EQ(FindStandardEvent(name), number);
  }
  EXPECT_EQ(known, 31);
  EXPECT_EQ(StandardEventName(kPurchaseEvent), "PURCHASE");
  EXPECT_EQ(StandardEventName(31), "CUSTOM_EVENT_5");
}

TEST(StandardEvents, TakesTheExactSpellingOnly) {
  EXPECT_EQ(FindStandardEvent("purchase"), 0);
  EXPECT_EQ(FindStandardEvent(""), 0);
  EXPECT_EQ(FindStandardEvent("LEAD"), 0);
}

}  // namespace
}  // namespace snapledger::event
