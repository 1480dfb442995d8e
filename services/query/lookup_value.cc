#include "services/query/lookup_value.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "services/base/error_details.h"
#include "services/event/sha256.h"

namespace snapledger::query {
namespace {

// The kinds that events are found by (security::BlindIndex::AppendKeys), and where each stands.
struct HashedKind {
  v1::IdentifierKind kind;
  std::string_view member;
  std::vector<event::RawIdentifier> event::RawUserData::*raw;
  std::vector<event::Sha256Digest> event::UserData::*prepared;
};
constexpr HashedKind kHashedKinds[] = {
    {v1::IDENTIFIER_KIND_EMAIL, "em", &event::RawUserData::email, &event::UserData::email},
    {v1::IDENTIFIER_KIND_PHONE, "ph", &event::RawUserData::phone, &event::UserData::phone},
    {v1::IDENTIFIER_KIND_EXTERNAL_ID, "external_id", &event::RawUserData::external_id,
     &event::UserData::external_id},
};
struct PlainKind {
  v1::IdentifierKind kind;
  std::string_view member;
  std::string_view event::RawUserData::*raw;
  std::string event::UserData::*prepared;
};
constexpr PlainKind kPlainKinds[] = {
    {v1::IDENTIFIER_KIND_MOBILE_AD_ID, "madid", &event::RawUserData::mobile_ad_id,
     &event::UserData::mobile_ad_id},
    {v1::IDENTIFIER_KIND_CLICK_ID, "sc_click_id", &event::RawUserData::click_id,
     &event::UserData::click_id},
    {v1::IDENTIFIER_KIND_COOKIE1, "sc_cookie1", &event::RawUserData::cookie1,
     &event::UserData::cookie1},
};

template <typename Kinds>
auto FindKind(const Kinds& kinds, v1::IdentifierKind kind) {
  const auto found = std::find_if(std::begin(kinds), std::end(kinds),
                                  [kind](const auto& entry) { return entry.kind == kind; });
  return found == std::end(kinds) ? nullptr : found;
}

// What of the prepared event is to be searched for, once it is known to be there.
absl::StatusOr<LookupValue> Found(const event::PreparedEvent& prepared, std::string_view field,
                                  const security::BlindIndex& blind_index, LookupValue value) {
  std::vector<int64_t> keys;
  blind_index.AppendKeys(prepared.event, &keys);
  if (keys.size() == 1) {
    value.key = keys[0];
    return value;
  }
  if (!prepared.violations.empty()) {
    return base::InvalidFieldError(field, prepared.violations[0].description);
  }
  return base::InvalidFieldError(field,
                                 "empty or a placeholder, which no event is stored with; give the "
                                 "value that was recorded");
}

}  // namespace

absl::StatusOr<LookupValue> ReadOrderId(std::string_view order_id,
                                        const security::BlindIndex& blind_index) {
  event::RawEvent raw;
  raw.custom_data.order_id = order_id;
  const event::PreparedEvent prepared = event::PrepareLookup(raw, {});
  return Found(
      prepared, "order_id", blind_index,
      {.object = "custom_data", .member = "order_id", .text = prepared.event.custom_data.order_id});
}

absl::StatusOr<LookupValue> ReadIdentifier(v1::IdentifierKind kind,
                                           const v1::Identifier& identifier,
                                           const event::PreparePolicy& policy,
                                           const security::BlindIndex& blind_index) {
  const bool hashed_given = identifier.value_case() == v1::Identifier::kSha256;
  event::RawEvent raw;
  LookupValue value{.object = "user_data"};
  const HashedKind* const hashed = FindKind(kHashedKinds, kind);
  const PlainKind* const plain = FindKind(kPlainKinds, kind);
  if (hashed != nullptr) {
    (raw.user_data.*hashed->raw)
        .push_back(
            hashed_given
                ? event::RawIdentifier{event::RawIdentifier::Form::kSha256, identifier.sha256()}
                : event::RawIdentifier{event::RawIdentifier::Form::kRaw, identifier.raw()});
    value.member = hashed->member;
  } else if (plain != nullptr) {
    if (hashed_given) {
      return base::InvalidFieldError("identifier.sha256",
                                     "Snap takes this kind in plain; give the value itself as raw");
    }
    raw.user_data.*plain->raw = identifier.raw();
    value.member = plain->member;
  } else {
    return base::InvalidFieldError("identifier_kind",
                                   "events are not found by this kind; use EMAIL, PHONE, "
                                   "EXTERNAL_ID, MOBILE_AD_ID, CLICK_ID or COOKIE1");
  }
  const event::PreparedEvent prepared = event::PrepareLookup(raw, policy);
  const event::UserData& user = prepared.event.user_data;
  if (hashed == nullptr) {
    value.text = user.*plain->prepared;
  } else if (!(user.*hashed->prepared).empty()) {
    event::AppendSha256Hex((user.*hashed->prepared)[0], &value.text);
  }
  return Found(prepared, hashed_given ? "identifier.sha256" : "identifier.raw", blind_index,
               std::move(value));
}

bool Holds(const rapidjson::Document& snap_event, const LookupValue& value) {
  if (!snap_event.IsObject()) return false;
  const rapidjson::Value text(value.text.data(), static_cast<unsigned>(value.text.size()));
  const rapidjson::Value object(value.object.data(), static_cast<unsigned>(value.object.size()));
  const rapidjson::Value member(value.member.data(), static_cast<unsigned>(value.member.size()));
  const auto part = snap_event.FindMember(object);
  if (part == snap_event.MemberEnd() || !part->value.IsObject()) return false;
  const auto found = part->value.FindMember(member);
  if (found == part->value.MemberEnd()) return false;
  if (!found->value.IsArray()) return found->value == text;
  return std::find(found->value.Begin(), found->value.End(), text) != found->value.End();
}

}  // namespace snapledger::query
