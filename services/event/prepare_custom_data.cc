#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "services/event/currency.h"
#include "services/event/decimal.h"
#include "services/event/extra_object.h"
#include "services/event/limits.h"
#include "services/event/placeholder.h"
#include "services/event/prepare_parts.h"
#include "services/event/standard_events.h"
#include "services/event/text.h"

namespace snapledger::event {
namespace {

// What AppendSnapEvent writes into custom_data by itself.
constexpr std::array<std::string_view, 17> kOwnMembers = {
    "currency",         "value",         "order_id",       "content_ids",
    "content_category", "content_name",  "content_type",   "contents",
    "num_items",        "search_string", "sign_up_method", "delivery_category",
    "status",           "event_tag",     "predicted_ltv",  "brands",
    "custom_fields",
};

bool PrepareCurrency(std::string_view raw, std::string* currency, Findings* findings) {
  const FieldPath path{"custom_data.currency"};
  const std::string_view trimmed = TrimWhitespace(raw);
  if (trimmed.empty()) return false;
  std::string code = ToUpperAscii(trimmed);
  if (!IsCurrency(code)) {
    findings->Violate(path, Reason::kUnknownValue,
                      "not a currency in use; send its three-letter ISO 4217 code, e.g. USD");
    return true;
  }
  if (!IsSnapCurrency(code)) {
    findings->Warn(path, Reason::kUnknownValue,
                   "not among the currencies Snap documents; Snap may not count the value");
  }
  *currency = std::move(code);
  return true;
}

// False when there is no number at all; a wrong one is told and counts as there.
bool PrepareDecimal(const FieldPath& path, std::string_view raw, std::string* number,
                    Findings* findings) {
  if (TrimWhitespace(raw).empty()) return false;
  switch (NormalizeDecimal(raw, number)) {
    case DecimalProblem::kNone:
      return true;
    case DecimalProblem::kMalformed:
      findings->Violate(path, Reason::kMalformed,
                        "not a plain decimal number; digits with a point, e.g. 12.50");
      return true;
    case DecimalProblem::kNegative:
      findings->Violate(path, Reason::kOutOfRange, "negative; amounts are zero or more");
      return true;
    case DecimalProblem::kTooLong:
      findings->Violate(path, Reason::kTooLong, "longer than 40 characters; round it");
      return true;
  }
  return true;
}

void PrepareAmounts(const RawEvent& raw, ConversionEvent* event, Findings* findings) {
  CustomData& custom = event->custom_data;
  const bool purchase = event->standard_event == kPurchaseEvent;
  const bool has_currency = PrepareCurrency(raw.custom_data.currency, &custom.currency, findings);
  const bool has_value =
      PrepareDecimal({"custom_data.value"}, raw.custom_data.value, &custom.value, findings);
  if (purchase && !raw.has_custom_data) {
    findings->Violate({"custom_data"}, Reason::kRequired,
                      "required for PURCHASE: value and currency");
  }
  if (purchase && !has_value) {
    findings->Violate({"custom_data.value"}, Reason::kRequired,
                      "required for PURCHASE: the amount as a decimal number, e.g. 12.50");
  }
  if (purchase && !has_currency) {
    findings->Violate({"custom_data.currency"}, Reason::kRequired,
                      "required for PURCHASE: the ISO 4217 code, e.g. USD");
  }
  if (!purchase && has_value && !has_currency) {
    findings->Warn({"custom_data.currency"}, Reason::kIncomplete,
                   "a value without its currency; add the ISO 4217 code");
  }
  PrepareDecimal({"custom_data.predicted_ltv"}, raw.custom_data.predicted_ltv,
                 &custom.predicted_ltv, findings);
}

// A placeholder here would make Snap take every purchase for the same one.
void PrepareOrderId(std::string_view raw, std::string* order_id, Findings* findings) {
  const FieldPath path{"custom_data.order_id"};
  if (raw.empty()) return;
  const std::string_view id = TrimWhitespace(raw);
  if (!CheckText(path, id, kOrderIdBytesMax, TextKind::kToken, findings)) return;
  if (IsPlaceholder(id)) {
    findings->Warn(path, Reason::kPlaceholder,
                   "empty or a placeholder, not an order; left out: Snap counts purchases with one "
                   "order id once");
    return;
  }
  order_id->assign(id);
}

void PrepareTexts(const RawCustomData& raw, CustomData* custom, Findings* findings) {
  struct TextField {
    std::string_view path;
    std::string_view RawCustomData::*raw;
    std::string CustomData::*prepared;
  };
  static constexpr TextField kFields[] = {
      {"custom_data.content_name", &RawCustomData::content_name, &CustomData::content_name},
      {"custom_data.content_type", &RawCustomData::content_type, &CustomData::content_type},
      {"custom_data.search_string", &RawCustomData::search_string, &CustomData::search_string},
      {"custom_data.sign_up_method", &RawCustomData::sign_up_method, &CustomData::sign_up_method},
      {"custom_data.delivery_category", &RawCustomData::delivery_category,
       &CustomData::delivery_category},
      {"custom_data.status", &RawCustomData::status, &CustomData::status},
      {"custom_data.event_tag", &RawCustomData::event_tag, &CustomData::event_tag},
  };
  for (const TextField& field : kFields) {
    const std::string_view text = raw.*field.raw;
    if (CheckText({field.path}, text, kTextBytesMax, TextKind::kProse, findings)) {
      (custom->*field.prepared).assign(text);
    }
  }
}

void PrepareList(std::string_view field, const std::vector<std::string_view>& raw,
                 std::vector<std::string>* values, Findings* findings) {
  if (raw.size() > kListValuesMax) {
    findings->Violate({field}, Reason::kTooLong, "more than 1000 values; send fewer");
    return;
  }
  values->reserve(raw.size());
  for (size_t i = 0; i < raw.size(); ++i) {
    const FieldPath path{field, static_cast<int>(i)};
    if (CheckText(path, raw[i], kTextBytesMax, TextKind::kProse, findings) && !raw[i].empty()) {
      values->emplace_back(raw[i]);
    }
  }
}

bool CheckCount(const FieldPath& path, int64_t count, Findings* findings) {
  if (count >= 0) return true;
  findings->Violate(path, Reason::kOutOfRange, "negative; leave it out when it is not known");
  return false;
}

void PrepareContent(int index, const RawContent& raw, std::vector<Content>* contents,
                    Findings* findings) {
  constexpr std::string_view kField = "custom_data.contents";
  Content content;
  const auto text = [&](std::string_view member, std::string_view value, std::string* prepared) {
    if (CheckText({kField, index, member}, value, kTextBytesMax, TextKind::kProse, findings)) {
      prepared->assign(value);
    }
  };
  text("id", raw.id, &content.id);
  text("delivery_category", raw.delivery_category, &content.delivery_category);
  text("brand", raw.brand, &content.brand);
  if (raw.id.empty()) {
    findings->Violate({kField, index, "id"}, Reason::kRequired,
                      "required: the item's id, as in the product catalogue");
  }
  if (CheckCount({kField, index, "quantity"}, raw.quantity, findings)) {
    content.quantity = raw.quantity;
  }
  PrepareDecimal({kField, index, "item_price"}, raw.item_price, &content.item_price, findings);
  contents->push_back(std::move(content));
}

void PrepareContents(const std::vector<RawContent>& raw, std::vector<Content>* contents,
                     Findings* findings) {
  if (raw.size() > kListValuesMax) {
    findings->Violate({"custom_data.contents"}, Reason::kTooLong,
                      "more than 1000 items; send fewer");
    return;
  }
  contents->reserve(raw.size());
  for (size_t i = 0; i < raw.size(); ++i) {
    PrepareContent(static_cast<int>(i), raw[i], contents, findings);
  }
}

void PrepareCustomFields(const RawCustomData& raw, CustomData* custom, Findings* findings) {
  const FieldPath path{"custom_data.custom_fields"};
  if (raw.custom_fields.size() > kCustomFieldsMax) {
    findings->Violate(path, Reason::kTooLong, "more than 100 fields; send fewer");
    return;
  }
  for (const auto& [key, value] : raw.custom_fields) {
    if (key.empty()) {
      findings->Violate(path, Reason::kMalformed, "a field without a name; give it one");
    } else if (CheckText(path, key, kTextBytesMax, TextKind::kToken, findings) &&
               CheckText(path, value, kTextBytesMax, TextKind::kProse, findings)) {
      custom->custom_fields.emplace_back(key, value);
    }
  }
}

void PrepareExtra(std::string_view raw, std::string* extra_json, Findings* findings) {
  const FieldPath path{"custom_data.extra"};
  if (raw.empty()) return;
  if (raw.size() > kExtraBytesMax) {
    findings->Violate(path, Reason::kTooLong, "larger than 16 KiB as JSON; send less");
    return;
  }
  const std::optional<std::vector<std::string>> names = ReadMemberNames(raw);
  if (!names.has_value()) {
    findings->Violate(path, Reason::kMalformed,
                      "not a JSON object of at most 16 levels; correct it");
    return;
  }
  const bool collides = std::any_of(names->begin(), names->end(), [](const std::string& name) {
    return std::find(kOwnMembers.begin(), kOwnMembers.end(), name) != kOwnMembers.end();
  });
  if (collides) {
    findings->Violate(path, Reason::kMalformed,
                      "holds a member that custom_data has a field for; use that field");
    return;
  }
  if (names->empty()) return;
  extra_json->assign(TrimWhitespace(raw));
  // Line breaks can only stand between tokens here; an encoded event is one line.
  std::erase_if(*extra_json, [](char c) { return c == '\n' || c == '\r'; });
}

}  // namespace

void PrepareCustomData(const RawEvent& raw, ConversionEvent* event, Findings* findings) {
  PrepareAmounts(raw, event, findings);
  if (!raw.has_custom_data) return;
  const RawCustomData& given = raw.custom_data;
  CustomData& custom = event->custom_data;
  PrepareOrderId(given.order_id, &custom.order_id, findings);
  PrepareTexts(given, &custom, findings);
  PrepareList("custom_data.content_ids", given.content_ids, &custom.content_ids, findings);
  PrepareList("custom_data.content_category", given.content_category, &custom.content_category,
              findings);
  PrepareList("custom_data.brands", given.brands, &custom.brands, findings);
  PrepareContents(given.contents, &custom.contents, findings);
  if (CheckCount({"custom_data.num_items"}, given.num_items, findings)) {
    custom.num_items = given.num_items;
  }
  PrepareCustomFields(given, &custom, findings);
  PrepareExtra(given.extra_json, &custom.extra_json, findings);
}

}  // namespace snapledger::event
