#include "services/event/currency.h"

#include <unicode/ucurr.h>
#include <unicode/uenum.h>

#include <bitset>
#include <memory>

#include "services/base/check.h"

namespace snapledger::event {
namespace {

constexpr size_t kCodes = 26 * 26 * 26;
using CodeSet = std::bitset<kCodes>;

constexpr std::string_view kSnapCodes =
    "USD AED AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP GIP HKD HRK HUF IDR ILS INR JPY "
    "KRW KWD KZT LBP MXN MYR NGN NOK NZD PEN PHP PKR PLN QAR RON RUB SAR SEK SGD THB TRY TWD TZS "
    "UAH VND ZAR ALL BHD DZD GHS IQD ISK JOD KES MAD OMR XOF ";

// In force, but younger than the ICU release of the supported platform.
constexpr std::string_view kYoungCodes = "SLE VED XCG ZWG ";

struct EnumerationCloser {
  void operator()(UEnumeration* enumeration) const { uenum_close(enumeration); }
};

// kCodes for what is not three upper-case letters.
size_t IndexOf(std::string_view code) {
  if (code.size() != 3) return kCodes;
  size_t index = 0;
  for (const char c : code) {
    if (c < 'A' || c > 'Z') return kCodes;
    index = index * 26 + static_cast<size_t>(c - 'A');
  }
  return index;
}

void Insert(std::string_view codes, CodeSet* set) {
  for (; codes.size() >= 4; codes.remove_prefix(4)) set->set(IndexOf(codes.substr(0, 3)));
}

CodeSet MakeSnapSet() {
  CodeSet set;
  Insert(kSnapCodes, &set);
  return set;
}

CodeSet MakeCurrencySet() {
  CodeSet set = MakeSnapSet();
  Insert(kYoungCodes, &set);
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UEnumeration, EnumerationCloser> codes(
      ucurr_openISOCurrencies(UCURR_COMMON | UCURR_NON_DEPRECATED, &status));
  SNAPLEDGER_CHECK(U_SUCCESS(status));
  int32_t length = 0;
  while (const char* code = uenum_next(codes.get(), &length, &status)) {
    const size_t index = IndexOf({code, static_cast<size_t>(length)});
    if (index < kCodes) set.set(index);
  }
  return set;
}

bool Contains(const CodeSet& set, std::string_view code) {
  const size_t index = IndexOf(code);
  return index < kCodes && set.test(index);
}

}  // namespace

bool IsCurrency(std::string_view code) {
  static const auto* const currencies = new CodeSet(MakeCurrencySet());
  return Contains(*currencies, code);
}

bool IsSnapCurrency(std::string_view code) {
  static const auto* const currencies = new CodeSet(MakeSnapSet());
  return Contains(*currencies, code);
}

}  // namespace snapledger::event
