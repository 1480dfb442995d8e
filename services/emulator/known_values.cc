#include "services/emulator/known_values.h"

#include "absl/container/flat_hash_set.h"

namespace snapledger::emulator {

bool IsStandardEventName(absl::string_view name) {
  static const auto* const names =
      new absl::flat_hash_set<absl::string_view>{"PURCHASE",
                                                 "SAVE",
                                                 "START_CHECKOUT",
                                                 "ADD_CART",
                                                 "VIEW_CONTENT",
                                                 "ADD_BILLING",
                                                 "SIGN_UP",
                                                 "SEARCH",
                                                 "PAGE_VIEW",
                                                 "SUBSCRIBE",
                                                 "AD_CLICK",
                                                 "AD_VIEW",
                                                 "COMPLETE_TUTORIAL",
                                                 "LEVEL_COMPLETE",
                                                 "INVITE",
                                                 "LOGIN",
                                                 "SHARE",
                                                 "RESERVE",
                                                 "ACHIEVEMENT_UNLOCKED",
                                                 "ADD_TO_WISHLIST",
                                                 "SPENT_CREDITS",
                                                 "RATE",
                                                 "START_TRIAL",
                                                 "LIST_VIEW",
                                                 "APP_INSTALL",
                                                 "APP_OPEN",
                                                 "CUSTOM_EVENT_1",
                                                 "CUSTOM_EVENT_2",
                                                 "CUSTOM_EVENT_3",
                                                 "CUSTOM_EVENT_4",
                                                 "CUSTOM_EVENT_5"};
  return names->contains(name);
}

bool IsListedCurrency(absl::string_view code) {
  static const auto* const codes = new absl::flat_hash_set<absl::string_view>{
      "USD", "AED", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK",
      "EGP", "EUR", "GBP", "GIP", "HKD", "HRK", "HUF", "IDR", "ILS", "INR", "JPY", "KRW",
      "KWD", "KZT", "LBP", "MXN", "MYR", "NGN", "NOK", "NZD", "PEN", "PHP", "PKR", "PLN",
      "QAR", "RON", "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "TZS", "UAH", "VND",
      "ZAR", "ALL", "BHD", "DZD", "GHS", "IQD", "ISK", "JOD", "KES", "MAD", "OMR", "XOF"};
  return codes->contains(code);
}

}  // namespace snapledger::emulator
