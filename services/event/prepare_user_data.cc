#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "services/event/limits.h"
#include "services/event/normalize.h"
#include "services/event/phone.h"
#include "services/event/placeholder.h"
#include "services/event/prepare_parts.h"
#include "services/event/sha256.h"
#include "services/event/text.h"

namespace snapledger::event {
namespace {

constexpr std::string_view kGender = "user_data.gender";
constexpr std::string_view kCountry = "user_data.country";
constexpr std::string_view kDroppedPlaceholder =
    "empty or a placeholder, not a value; left out: send nothing where nothing is known";

// Where a raw value is normalised: one buffer per thread, overwritten by the next value.
std::string* Scratch() {
  thread_local std::string scratch;
  return &scratch;
}

void AddOnce(const Sha256Digest& digest, std::vector<Sha256Digest>* digests) {
  if (std::find(digests->begin(), digests->end(), digest) == digests->end()) {
    digests->push_back(digest);
  }
}

// The digest a caller made; nullopt when it is dropped or refused.
std::optional<Sha256Digest> ReadDigest(const FieldPath& path, std::string_view hex,
                                       Findings* findings) {
  hex = TrimWhitespace(hex);
  if (hex.empty()) {
    findings->Warn(path, Reason::kPlaceholder, kDroppedPlaceholder);
    return std::nullopt;
  }
  const std::optional<Sha256Digest> digest = ParseSha256Hex(hex);
  if (!digest.has_value()) {
    findings->Violate(path, Reason::kNotSha256,
                      "not 64 hex digits; send the SHA-256 of the normalised value, or the value "
                      "itself as raw");
    return std::nullopt;
  }
  if (IsPlaceholderDigest(*digest)) {
    findings->Warn(path, Reason::kPlaceholder,
                   "the hash of an empty string or a placeholder; left out: send nothing where "
                   "nothing is known");
    return std::nullopt;
  }
  return digest;
}

// What of a raw value is to be normalised; empty when it is dropped or refused.
std::string_view ReadRaw(const FieldPath& path, std::string_view raw, Findings* findings) {
  if (!CheckText(path, raw, kIdentifierBytesMax, TextKind::kProse, findings)) return {};
  const std::string_view trimmed = TrimWhitespace(raw);
  if (IsPlaceholder(trimmed)) {
    findings->Warn(path, Reason::kPlaceholder, kDroppedPlaceholder);
    return {};
  }
  if (LooksLikeSha256Hex(trimmed)) {
    findings->Violate(path, Reason::kLooksHashed,
                      "sent as raw but already 64 hex digits; send a hash as sha256, so that it is "
                      "not hashed twice");
    return {};
  }
  return trimmed;
}

bool CheckCount(std::string_view field, size_t count, Findings* findings) {
  if (count <= kIdentifiersPerFieldMax) return true;
  findings->Violate({field}, Reason::kTooLong, "more than 100 values; send fewer");
  return false;
}

// What of a field Snap can match.
std::string_view UnknownValueHint(std::string_view field) {
  if (field == kGender) return "not a gender Snap can match; left out: use f or m";
  if (field == kCountry) {
    return "not a country; left out: use the ISO 3166 code of two letters, such as DE";
  }
  return "not a value Snap can match; left out: correct it or send none";
}

void ReportNormalization(const FieldPath& path, NormalizeResult result, Findings* findings) {
  switch (result) {
    case NormalizeResult::kOk:
      return;
    case NormalizeResult::kEmpty:
      findings->Warn(path, Reason::kPlaceholder,
                     "nothing is left of it after normalisation; left out");
      return;
    case NormalizeResult::kMalformed:
      findings->Violate(path, Reason::kMalformed,
                        "not an email address; correct it or leave it out");
      return;
    case NormalizeResult::kUnknown:
      findings->Warn(path, Reason::kUnknownValue, UnknownValueHint(path.field));
      return;
  }
}

using Normalizer = NormalizeResult (*)(std::string_view, std::string*);

template <typename Normalize>
void PrepareHashed(std::string_view field, const std::vector<RawIdentifier>& raw,
                   const Normalize& normalize, std::vector<Sha256Digest>* digests,
                   Findings* findings) {
  if (!CheckCount(field, raw.size(), findings)) return;
  digests->reserve(raw.size());
  for (size_t i = 0; i < raw.size(); ++i) {
    const FieldPath path{field, static_cast<int>(i)};
    if (raw[i].form == RawIdentifier::Form::kSha256) {
      const std::optional<Sha256Digest> digest = ReadDigest(path, raw[i].value, findings);
      if (digest.has_value()) AddOnce(*digest, digests);
      continue;
    }
    const std::string_view text = ReadRaw(path, raw[i].value, findings);
    if (text.empty()) continue;
    std::string* const normalized = Scratch();
    const NormalizeResult result = normalize(text, normalized);
    ReportNormalization(path, result, findings);
    if (result == NormalizeResult::kOk) AddOnce(Sha256(*normalized), digests);
  }
}

void ReportPhone(const FieldPath& path, const PhoneNumber& phone, Findings* findings) {
  switch (phone.problem) {
    case PhoneProblem::kNone:
      if (phone.taken_as_international) {
        findings->Warn(path, Reason::kNoCountryCode,
                       "no + in front; taken as a full international number, which it could be: "
                       "send numbers with + and country code");
      }
      return;
    case PhoneProblem::kEmpty:
      findings->Warn(path, Reason::kPlaceholder, kDroppedPlaceholder);
      return;
    case PhoneProblem::kMalformed:
      findings->Violate(path, Reason::kMalformed,
                        "not a phone number; send one number with + and country code");
      return;
    case PhoneProblem::kNoCountryCode:
      findings->Violate(path, Reason::kNoCountryCode,
                        "the country cannot be told; send the number with + and country code, or "
                        "set the destination's default_phone_region");
      return;
  }
}

void PreparePhone(const FieldPath& path, const RawIdentifier& raw, const std::string& region,
                  std::vector<Sha256Digest>* digests, CallerForm* caller, Findings* findings) {
  if (raw.form == RawIdentifier::Form::kSha256) {
    const std::optional<Sha256Digest> digest = ReadDigest(path, raw.value, findings);
    if (!digest.has_value()) return;
    AddOnce(*digest, digests);
    caller->stated_phones.push_back(*digest);
    return;
  }
  const std::string_view text = ReadRaw(path, raw.value, findings);
  if (text.empty()) return;
  PhoneNumber phone = NormalizePhone(text, region);
  ReportPhone(path, phone, findings);
  if (phone.problem != PhoneProblem::kNone) return;
  const Sha256Digest digest = Sha256(phone.digits);
  AddOnce(digest, digests);
  if (phone.country_code_stated) {
    caller->stated_phones.push_back(digest);
  } else {
    caller->phones_as_given.push_back(std::move(phone.digits_as_given));
  }
}

void PreparePhones(const std::vector<RawIdentifier>& raw, const std::string& region,
                   std::vector<Sha256Digest>* digests, CallerForm* caller, Findings* findings) {
  constexpr std::string_view kField = "user_data.phone";
  if (!CheckCount(kField, raw.size(), findings)) return;
  for (size_t i = 0; i < raw.size(); ++i) {
    PreparePhone({kField, static_cast<int>(i)}, raw[i], region, digests, caller, findings);
  }
}

PostalCountry PostalCountryOf(const std::vector<Sha256Digest>& countries) {
  static const Sha256Digest united_states = Sha256("us");
  if (countries.empty()) return PostalCountry::kNotGiven;
  return std::find(countries.begin(), countries.end(), united_states) != countries.end()
             ? PostalCountry::kUnitedStates
             : PostalCountry::kOther;
}

void PrepareHashedFields(const RawUserData& raw, UserData* user, Findings* findings) {
  const auto prepare = [&](std::string_view field, const std::vector<RawIdentifier>& values,
                           Normalizer normalize, std::vector<Sha256Digest>* digests) {
    if (!values.empty()) PrepareHashed(field, values, normalize, digests, findings);
  };
  prepare("user_data.email", raw.email, NormalizeEmail, &user->email);
  prepare("user_data.first_name", raw.first_name, NormalizeName, &user->first_name);
  prepare("user_data.last_name", raw.last_name, NormalizeName, &user->last_name);
  prepare(kGender, raw.gender, NormalizeGender, &user->gender);
  prepare("user_data.city", raw.city, NormalizeName, &user->city);
  prepare("user_data.state", raw.state, NormalizeState, &user->state);
  prepare(kCountry, raw.country, NormalizeCountry, &user->country);
  prepare("user_data.external_id", raw.external_id, NormalizeExternalId, &user->external_id);
  if (raw.zip.empty()) return;
  const PostalCountry country = PostalCountryOf(user->country);
  PrepareHashed(
      "user_data.zip", raw.zip,
      [country](std::string_view text, std::string* out) {
        return NormalizeZip(text, country, out);
      },
      &user->zip, findings);
}

// A value Snap takes in plain, trimmed; empty when it is absent, dropped or refused.
std::string_view ReadPlain(const FieldPath& path, std::string_view raw, size_t bytes_max,
                           Findings* findings) {
  if (raw.empty()) return {};
  const std::string_view trimmed = TrimWhitespace(raw);
  if (!CheckText(path, trimmed, bytes_max, TextKind::kToken, findings)) return {};
  if (!IsPlaceholder(trimmed)) return trimmed;
  findings->Warn(path, Reason::kPlaceholder, kDroppedPlaceholder);
  return {};
}

bool IsAddress(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> address;
  return inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

// The client's own address; a forwarding header lists it first.
void PrepareAddress(std::string_view raw, UserData* user, Findings* findings) {
  const FieldPath path{"user_data.client_ip_address"};
  std::string_view text = ReadPlain(path, raw, kPlainIdBytesMax, findings);
  if (text.empty()) return;
  text = TrimWhitespace(text.substr(0, text.find(',')));
  std::string address = ToLowerAscii(text);
  if (IsAddress(address)) {
    user->client_ip_address = std::move(address);
  } else if (LooksLikeSha256Hex(text)) {
    findings->Violate(path, Reason::kLooksHashed,
                      "Snap takes the address in plain; send the IPv4 or IPv6 address itself");
  } else {
    findings->Violate(path, Reason::kMalformed,
                      "not an IPv4 or IPv6 address; correct it or leave it out");
  }
}

void PrepareMobileAdId(std::string_view raw, UserData* user, Findings* findings) {
  const FieldPath path{"user_data.mobile_ad_id"};
  const std::string_view id = ReadPlain(path, raw, kPlainIdBytesMax, findings);
  if (LooksLikeSha256Hex(id)) {
    findings->Violate(path, Reason::kLooksHashed,
                      "Snap takes the mobile ad id in plain; send the IDFA or GAID itself");
    return;
  }
  user->mobile_ad_id = ToLowerAscii(id);
}

void PreparePlainFields(const RawUserData& raw, UserData* user, Findings* findings) {
  struct PlainField {
    std::string_view path;
    std::string_view RawUserData::*raw;
    std::string UserData::*prepared;
    size_t bytes_max;
  };
  static constexpr PlainField kFields[] = {
      {"user_data.client_user_agent", &RawUserData::client_user_agent, &UserData::client_user_agent,
       kUserAgentBytesMax},
      {"user_data.click_id", &RawUserData::click_id, &UserData::click_id, kPlainIdBytesMax},
      {"user_data.cookie1", &RawUserData::cookie1, &UserData::cookie1, kPlainIdBytesMax},
      {"user_data.idfv", &RawUserData::idfv, &UserData::idfv, kPlainIdBytesMax},
      {"user_data.subscription_id", &RawUserData::subscription_id, &UserData::subscription_id,
       kPlainIdBytesMax},
      {"user_data.lead_id", &RawUserData::lead_id, &UserData::lead_id, kPlainIdBytesMax},
      {"user_data.anon_id", &RawUserData::anon_id, &UserData::anon_id, kPlainIdBytesMax},
      {"user_data.download_id", &RawUserData::download_id, &UserData::download_id,
       kPlainIdBytesMax},
      {"user_data.partner_id", &RawUserData::partner_id, &UserData::partner_id, kPlainIdBytesMax},
  };
  for (const PlainField& field : kFields) {
    if ((raw.*field.raw).empty()) continue;
    (user->*field.prepared)
        .assign(ReadPlain({field.path}, raw.*field.raw, field.bytes_max, findings));
  }
  if (!raw.client_ip_address.empty()) PrepareAddress(raw.client_ip_address, user, findings);
  if (!raw.mobile_ad_id.empty()) PrepareMobileAdId(raw.mobile_ad_id, user, findings);
  if (LooksLikeSha256Hex(user->idfv)) {
    findings->Warn({"user_data.idfv"}, Reason::kLooksHashed,
                   "Snap takes the IDFV in plain; sent as it is, but it may match nobody");
  }
}

// Of a RawUserData or a UserData: the fields have one name in both.
template <typename Fields>
IdentifierMask PresentIn(const Fields& fields) {
  IdentifierMask mask = 0;
  const auto mark = [&](IdentifierKind kind, bool present) {
    if (present) mask = static_cast<IdentifierMask>(mask | MaskOf(kind));
  };
  mark(IdentifierKind::kEmail, !fields.email.empty());
  mark(IdentifierKind::kPhone, !fields.phone.empty());
  mark(IdentifierKind::kMobileAdId, !fields.mobile_ad_id.empty());
  mark(IdentifierKind::kIpAndUserAgent,
       !fields.client_ip_address.empty() && !fields.client_user_agent.empty());
  mark(IdentifierKind::kClickId, !fields.click_id.empty());
  mark(IdentifierKind::kCookie1, !fields.cookie1.empty());
  mark(IdentifierKind::kExternalId, !fields.external_id.empty());
  mark(IdentifierKind::kFirstName, !fields.first_name.empty());
  mark(IdentifierKind::kLastName, !fields.last_name.empty());
  mark(IdentifierKind::kGender, !fields.gender.empty());
  mark(IdentifierKind::kCity, !fields.city.empty());
  mark(IdentifierKind::kState, !fields.state.empty());
  mark(IdentifierKind::kZip, !fields.zip.empty());
  mark(IdentifierKind::kCountry, !fields.country.empty());
  mark(IdentifierKind::kIdfv, !fields.idfv.empty());
  return mask;
}

}  // namespace

void PrepareUserData(const RawUserData& raw, const PreparePolicy& policy, ConversionEvent* event,
                     CallerForm* caller, Findings* findings) {
  PrepareHashedFields(raw, &event->user_data, findings);
  PreparePhones(raw.phone, policy.default_phone_region, &event->user_data.phone, caller, findings);
  PreparePlainFields(raw, &event->user_data, findings);
  event->supplied = PresentIn(raw);
  event->usable = PresentIn(event->user_data);
}

void CheckIdentity(const ConversionEvent& event, Findings* findings) {
  constexpr IdentifierMask kEnough =
      MaskOf(IdentifierKind::kEmail) | MaskOf(IdentifierKind::kPhone) |
      MaskOf(IdentifierKind::kMobileAdId) | MaskOf(IdentifierKind::kIpAndUserAgent);
  const unsigned enough = event.usable & kEnough;
  if (enough == 0) {
    findings->Violate({"user_data"}, Reason::kNotEnoughIdentity,
                      "nothing in it that Snap can match; send an email, a phone, the IP address "
                      "with the user agent, or for apps the mobile ad id");
  } else if (enough == MaskOf(IdentifierKind::kMobileAdId) &&
             event.action_source != ActionSource::kMobileApp) {
    findings->Warn({"user_data"}, Reason::kIncomplete,
                   "only a mobile ad id, which Snap documents for app events; add an email, a "
                   "phone, or the IP address with the user agent");
  }
}

}  // namespace snapledger::event
