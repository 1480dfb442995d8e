#include "services/event/event_key.h"

#include <gtest/gtest.h>

namespace snapledger::event {
namespace {

TEST(EventKey, IsTheFirstHalfOfTheHash) {
  const EventKey expected = {0xca, 0x97, 0x81, 0x12, 0xca, 0x1b, 0xbd, 0xca,
                             0xfa, 0xc2, 0x31, 0xb3, 0x9a, 0x23, 0xdc, 0x4d};
  EXPECT_EQ(MakeEventKey("a"), expected);
}

TEST(EventKey, KeepsIdsApart) {
  EXPECT_NE(MakeEventKey("a"), MakeEventKey("A"));
  EXPECT_NE(MakeEventKey("a"), MakeEventKey("a "));
}

}  // namespace
}  // namespace snapledger::event
