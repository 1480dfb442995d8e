#include "services/event/currency.h"

#include <gtest/gtest.h>

namespace snapledger::event {
namespace {

TEST(Currency, TakesCodesInUse) {
  for (const char* code : {"USD", "EUR", "JPY", "HRK", "BGN", "XAF", "XOF", "SLE", "ZWG"}) {
    EXPECT_TRUE(IsCurrency(code)) << code;
  }
}

TEST(Currency, RefusesTheRest) {
  for (const char* code :
       {"", "US", "USDX", "usd", "123", "XXX", "XTS", "XAU", "ZZZ", "BTC", "DEM", "U D", "€€"}) {
    EXPECT_FALSE(IsCurrency(code)) << code;
  }
}

TEST(Currency, KnowsWhatSnapDocuments) {
  int documented = 0;
  for (char a = 'A'; a <= 'Z'; ++a) {
    for (char b = 'A'; b <= 'Z'; ++b) {
      for (char c = 'A'; c <= 'Z'; ++c) {
        const std::string code = {a, b, c};
        if (!IsSnapCurrency(code)) continue;
        ++documented;
        EXPECT_TRUE(IsCurrency(code));
      }
    }
  }
  EXPECT_EQ(documented, 60);
  EXPECT_FALSE(IsSnapCurrency("AFN"));
}

}  // namespace
}  // namespace snapledger::event
