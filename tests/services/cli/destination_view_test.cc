#include "services/cli/destination_view.h"

#include <gtest/gtest.h>

namespace snapledger::cli {
namespace {

TEST(DestinationViewTest, APauseIsShownWithItsReasonWhereThereIsOne) {
  EXPECT_EQ(PausedText(false, ""), "no");
  EXPECT_EQ(PausedText(true, ""), "yes");
  EXPECT_EQ(PausedText(true, "catalogue"), "yes: catalogue");
}

}  // namespace
}  // namespace snapledger::cli
