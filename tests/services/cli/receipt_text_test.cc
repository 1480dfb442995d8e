#include "services/cli/receipt_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

v1::DestinationDelivery Received(int64_t reported, int64_t expected) {
  v1::DestinationDelivery destination;
  destination.set_receipts_reported_last_hour(reported);
  destination.set_receipts_expected_last_hour(expected);
  return destination;
}

TEST(ReceiptTextTest, CountsStandWithTheirShare) {
  EXPECT_EQ(ReceiptsOf(Received(950, 1000)), "950 of 1,000 (95 %)");
  EXPECT_EQ(ReceiptsOf(Received(0, 1000)), "0 of 1,000 (0 %)");
  EXPECT_EQ(ReceiptsOf(Received(3, 0)), "3 of 0");
  EXPECT_EQ(ReceiptsOf(Received(-1, 1000)), "-");
}

TEST(ReceiptTextTest, AReceiptIsCalledOne) {
  EXPECT_THAT(ReceiptsNote(Received(950, 1000)),
              AllOf(HasSubstr("950 of 1,000 (95 %)"), HasSubstr("nothing of matches")));
  EXPECT_THAT(ReceiptsNote(Received(-1, 1000)), HasSubstr("not known"));
}

}  // namespace
}  // namespace snapledger::cli
