#include "services/event/decimal.h"

#include <gtest/gtest.h>

namespace snapledger::event {
namespace {

TEST(Decimal, KeepsTheDigitsGiven) {
  const std::pair<const char*, const char*> cases[] = {
      {"12.50", "12.50"},
      {"0", "0"},
      {"0.00", "0.00"},
      {"1234567.89", "1234567.89"},
      {"+7", "7"},
      {".5", "0.5"},
      {"1.", "1"},
      {"007", "7"},
      {"00.10", "0.10"},
      {" 3.5\t", "3.5"},
      {"99999999999999999999.01", "99999999999999999999.01"},
  };
  for (const auto& [text, expected] : cases) {
    std::string number;
    EXPECT_EQ(NormalizeDecimal(text, &number), DecimalProblem::kNone) << text;
    EXPECT_EQ(number, expected);
  }
}

TEST(Decimal, RefusesWhatWouldBeAGuess) {
  for (const char* text : {"", " ", ".", "+", "abc", "NaN", "Infinity", "1e3", "12,50", "1,234.5",
                           "$5", "5 USD", "1.2.3", "0x10", "1_000", "--1", "-abc", "٣"}) {
    std::string number;
    EXPECT_EQ(NormalizeDecimal(text, &number), DecimalProblem::kMalformed) << text;
    EXPECT_EQ(number, "");
  }
}

TEST(Decimal, TellsNegativeAndTooLongApart) {
  std::string number;
  EXPECT_EQ(NormalizeDecimal("-1", &number), DecimalProblem::kNegative);
  EXPECT_EQ(NormalizeDecimal("-0.00", &number), DecimalProblem::kNegative);
  EXPECT_EQ(NormalizeDecimal(std::string(41, '1'), &number), DecimalProblem::kTooLong);
}

TEST(Decimal, AmountsAreEqualWithoutTrailingZeros) {
  EXPECT_EQ(WithoutTrailingZeros("12.50"), "12.5");
  EXPECT_EQ(WithoutTrailingZeros("12.00"), "12");
  EXPECT_EQ(WithoutTrailingZeros("100"), "100");
  EXPECT_EQ(WithoutTrailingZeros(""), "");
}

}  // namespace
}  // namespace snapledger::event
