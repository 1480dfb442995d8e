#include "services/event/standard_events.h"

#include <array>

namespace snapledger::event {
namespace {

// By number.
constexpr std::array<std::string_view, 32> kNames = {
    "",
    "PURCHASE",
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
    "CUSTOM_EVENT_5",
};

}  // namespace

std::string_view StandardEventName(int number) {
  if (number < 1 || number >= static_cast<int>(kNames.size())) return {};
  return kNames[static_cast<size_t>(number)];
}

int FindStandardEvent(std::string_view name) {
  for (size_t number = 1; number < kNames.size(); ++number) {
    if (kNames[number] == name) return static_cast<int>(number);
  }
  return 0;
}

}  // namespace snapledger::event
