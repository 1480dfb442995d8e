#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/emulator/known_values.h"
#include "services/emulator/member_checks.h"
#include "services/emulator/value_forms.h"

namespace snapledger::emulator {
namespace {

enum class Form { kText, kTextOrList, kAmount, kWhole, kContents, kObject, kFree };

const absl::flat_hash_map<absl::string_view, Form>& Members() {
  static const auto* const members =
      new absl::flat_hash_map<absl::string_view, Form>{{"currency", Form::kText},
                                                       {"value", Form::kAmount},
                                                       {"order_id", Form::kText},
                                                       {"content_ids", Form::kTextOrList},
                                                       {"content_category", Form::kTextOrList},
                                                       {"content_name", Form::kText},
                                                       {"content_type", Form::kText},
                                                       {"contents", Form::kContents},
                                                       {"delivery_category", Form::kText},
                                                       {"num_items", Form::kWhole},
                                                       {"predicted_ltv", Form::kAmount},
                                                       {"search_string", Form::kText},
                                                       {"sign_up_method", Form::kText},
                                                       {"status", Form::kText},
                                                       {"event_tag", Form::kText},
                                                       {"brands", Form::kTextOrList},
                                                       {"destination_ids", Form::kTextOrList},
                                                       {"custom_fields", Form::kObject}};
  return *members;
}

// The dynamic travel members; their forms are not published.
bool IsTravelMember(absl::string_view name) {
  static constexpr absl::string_view kNames[] = {"checkin_date",
                                                 "travel_start",
                                                 "travel_end",
                                                 "suggested_destinations",
                                                 "destination_airport",
                                                 "origin_airport",
                                                 "country",
                                                 "city",
                                                 "region",
                                                 "neighborhood",
                                                 "departing_departure_date",
                                                 "departing_arrival_date",
                                                 "returning_departure_date",
                                                 "returning_arrival_date",
                                                 "num_adults",
                                                 "num_children",
                                                 "num_infants",
                                                 "hotel_score",
                                                 "postal_code",
                                                 "preferred_neighborhoods",
                                                 "preferred_star_ratings",
                                                 "suggested_hotels"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

bool CheckAmount(absl::string_view param, const JsonValue& value, const Rules& rules,
                 Findings& findings) {
  if (!IsNumeric(value)) {
    findings.Error(ErrorCode::kMalformed, absl::StrCat(param, " is not a number."));
    return false;
  }
  if (IsNegative(value) && !rules.negative_value_accepted) {
    findings.Error(ErrorCode::kMalformed, absl::StrCat(param, " is negative."));
    return false;
  }
  return true;
}

void CheckContent(const JsonValue& content, const Rules& rules, Findings& findings) {
  if (!content.IsObject()) {
    findings.Error(ErrorCode::kMalformed, absl::StrCat(Param("custom_data", "contents"),
                                                       " holds something that is no "
                                                       "object."));
    return;
  }
  CheckDuplicateMembers(content, "contents", rules, findings);
  for (const auto& item : content.GetObject()) {
    const absl::string_view name = TextOf(&item.name);
    const std::string param = Param("contents", name);
    if (name == "quantity" || name == "item_price") {
      CheckAmount(param, item.value, rules, findings);
    } else if (name == "id" || name == "brand" || name == "delivery_category") {
      if (!item.value.IsString()) {
        findings.Error(ErrorCode::kMalformed, absl::StrCat(param, " is not a string."));
      }
    } else {
      findings.Warn(absl::StrCat(param, " is unknown and ignored."));
    }
  }
}

void CheckContents(const JsonValue& contents, const Rules& rules, Findings& findings) {
  if (!contents.IsArray()) {
    findings.Error(ErrorCode::kMalformed,
                   absl::StrCat(Param("custom_data", "contents"), " is not a list."));
    return;
  }
  for (const JsonValue& content : contents.GetArray()) CheckContent(content, rules, findings);
}

bool HasForm(const JsonValue& value, Form form) {
  switch (form) {
    case Form::kText:
      return value.IsString();
    case Form::kTextOrList:
      return IsTextOrList(value);
    case Form::kWhole:
      return IsWholeNumber(value);
    case Form::kObject:
      return value.IsObject();
    default:
      return true;
  }
}

void CheckUnknown(absl::string_view name, Findings& findings) {
  if (IsTravelMember(name)) return;
  const std::string param = Param("custom_data", name);
  if (name == "event_id") {
    findings.Warn(absl::StrCat(param, " never deduplicates; it belongs on the event."));
  } else if (name == "number_items") {
    findings.Warn(absl::StrCat(param, " is the pixel's name; here it is num_items."));
  } else {
    findings.Warn(absl::StrCat(param, " is unknown and ignored."));
  }
}

// True if the currency can be used.
bool CheckCurrency(const JsonValue& value, const Rules& rules, Findings& findings) {
  const absl::string_view text = TextOf(&value);
  const std::string param = Param("custom_data", "currency");
  if (text.size() != 3 || !std::all_of(text.begin(), text.end(), absl::ascii_isalpha)) {
    findings.Error(ErrorCode::kMalformed, absl::StrCat(param, " is not three letters."));
    return false;
  }
  if (HasUpperCase(text) && text == absl::AsciiStrToUpper(text)) {
    if (IsListedCurrency(text)) return true;
  } else {
    findings.Warn(absl::StrCat(param, " is not in upper case."));
    if (IsListedCurrency(absl::AsciiStrToUpper(text))) return true;
  }
  const std::string message = absl::StrCat(param, " is not a currency Snap lists.");
  if (!rules.only_listed_currencies) {
    findings.Warn(message);
    return true;
  }
  findings.Error(ErrorCode::kMalformed, message);
  return false;
}

void CheckMember(absl::string_view name, const JsonValue& value, Form form, const Rules& rules,
                 Findings& findings) {
  const std::string param = Param("custom_data", name);
  if (!HasForm(value, form)) {
    findings.Error(ErrorCode::kMalformed, absl::StrCat(param, " has the wrong type."));
  } else if (name == "currency") {
    CheckCurrency(value, rules, findings);
  } else if (form == Form::kAmount) {
    CheckAmount(param, value, rules, findings);
  } else if (form == Form::kContents) {
    CheckContents(value, rules, findings);
  } else if (name == "content_type" && TextOf(&value) != "product" &&
             TextOf(&value) != "product_group") {
    findings.Warn(absl::StrCat(param, " is neither product nor product_group."));
  }
}

}  // namespace

void CheckCustomData(const JsonValue* custom_data, const Rules& rules, EventFacts& facts,
                     Findings& findings) {
  if (custom_data != nullptr) {
    for (const auto& item : custom_data->GetObject()) {
      const absl::string_view name = TextOf(&item.name);
      const auto known = Members().find(name);
      if (known == Members().end()) {
        CheckUnknown(name, findings);
      } else {
        CheckMember(name, item.value, known->second, rules, findings);
      }
    }
    facts.order_id = TextOf(FindMember(*custom_data, "order_id"));
  }
  if (facts.name != "PURCHASE") return;
  for (const char* const name : {"value", "currency"}) {
    const JsonValue* const value =
        custom_data == nullptr ? nullptr : FindMember(*custom_data, name);
    if (value == nullptr || value->IsNull()) {
      findings.Error(ErrorCode::kPurchase, "Missing price and/or currency in Purchase events");
      return;
    }
  }
}

}  // namespace snapledger::emulator
