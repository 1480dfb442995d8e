#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "services/emulator/member_checks.h"
#include "services/emulator/value_forms.h"

namespace snapledger::emulator {
namespace {

enum class Form { kHashed, kIdentifier, kText, kTextOrList, kIp, kAgent, kMobileId, kCookie };

struct Member {
  Form form;
  uint32_t signal = 0;
};

// kAddressAndAgent needs two members and is put together by CheckUserData.
const absl::flat_hash_map<absl::string_view, Member>& Members() {
  static const auto* const members = new absl::flat_hash_map<absl::string_view, Member>{
      {"em", {Form::kHashed, kEmail}},
      {"ph", {Form::kHashed, kPhone}},
      {"fn", {Form::kHashed, kPersonalData}},
      {"ln", {Form::kHashed, kPersonalData}},
      {"ge", {Form::kHashed, kPersonalData}},
      {"ct", {Form::kHashed, kPersonalData}},
      {"st", {Form::kHashed, kPersonalData}},
      {"zp", {Form::kHashed, kPersonalData}},
      {"country", {Form::kHashed, kPersonalData}},
      {"db", {Form::kHashed, kPersonalData}},
      {"external_id", {Form::kIdentifier, kExternalId}},
      {"client_ip_address", {Form::kIp}},
      {"client_user_agent", {Form::kAgent}},
      {"madid", {Form::kMobileId, kMobileAdId}},
      {"mobile_ad_id", {Form::kMobileId, kMobileAdId}},
      {"idfv", {Form::kMobileId}},
      {"sc_click_id", {Form::kText, kClickId}},
      {"sc_cookie1", {Form::kCookie, kCookie}},
      {"subscription_id", {Form::kText}},
      {"lead_id", {Form::kText}},
      {"download_id", {Form::kText}},
      {"partner_id", {Form::kText}},
      {"anon_id", {Form::kTextOrList}}};
  return *members;
}

// True if the value stands for a person.
bool CheckDigest(absl::string_view name, const JsonValue& value, const Rules& rules,
                 Findings& findings) {
  const absl::string_view text = TextOf(&value);
  if (!IsDigest(text)) {
    findings.Error(ErrorCode::kNotHashed,
                   absl::StrCat(Param("user_data", name), " is not hashed with SHA-256."));
    return false;
  }
  if (HasUpperCase(text)) {
    findings.Warn(absl::StrCat(Param("user_data", name), " is a hash in upper case."));
  }
  if (!IsEmptyDigest(text)) return true;
  const std::string message =
      absl::StrCat(Param("user_data", name), " is the hash of an empty string.");
  if (rules.empty_hash_accepted) {
    findings.Warn(message);
  } else {
    findings.Error(ErrorCode::kNotHashed, message);
  }
  return false;
}

bool CheckHashed(absl::string_view name, const JsonValue& value, const Rules& rules,
                 Findings& findings) {
  if (!IsTextOrList(value)) {
    findings.Error(ErrorCode::kMalformed, absl::StrCat(Param("user_data", name),
                                                       " is neither a string nor a list of them."));
    return false;
  }
  if (value.IsString()) return CheckDigest(name, value, rules, findings);
  if (value.Empty()) {
    findings.Warn(absl::StrCat(Param("user_data", name), " is an empty list."));
  }
  bool found = false;
  for (const JsonValue& item : value.GetArray()) {
    found = CheckDigest(name, item, rules, findings) || found;
  }
  return found;
}

bool CheckIp(const JsonValue& value, Findings& findings) {
  if (IsIpAddress(TextOf(&value))) return true;
  findings.Error(ErrorCode::kAddress,
                 absl::StrCat(Param("user_data", "client_ip_address"),
                              IsDigest(TextOf(&value)) ? " is a hash; it must be sent plain."
                                                       : " is not an IP address."));
  return false;
}

bool CheckMobileId(absl::string_view name, absl::string_view text, Findings& findings) {
  const std::string param = Param("user_data", name);
  if (IsDigest(text)) findings.Warn(absl::StrCat(param, " looks hashed; it must be sent plain."));
  if (name != "idfv" && HasUpperCase(text)) {
    findings.Warn(absl::StrCat(param, " is not in lower case."));
  }
  if (text.find_first_not_of("0-") != absl::string_view::npos) return true;
  findings.Warn(absl::StrCat(param, " is empty or all zeros."));
  return false;
}

bool CheckPlain(absl::string_view name, Form form, const JsonValue& value, Findings& findings) {
  if (form == Form::kTextOrList || form == Form::kIdentifier) {
    if (IsTextOrList(value)) return value.IsString() ? value.GetStringLength() > 0 : !value.Empty();
  } else if (value.IsString()) {
    const absl::string_view text = TextOf(&value);
    if (form == Form::kMobileId) return CheckMobileId(name, text, findings);
    if (form == Form::kCookie && !IsUuid(text)) {
      findings.Warn(absl::StrCat(Param("user_data", name), " is not a UUID."));
    }
    if (form == Form::kAgent && IsDigest(text)) {
      findings.Warn(absl::StrCat(Param("user_data", name), " looks hashed; send it plain."));
    }
    return !text.empty();
  }
  findings.Error(ErrorCode::kMalformed,
                 absl::StrCat(Param("user_data", name), " has the wrong type."));
  return false;
}

}  // namespace

void CheckUserData(const JsonValue& user_data, const Rules& rules, EventFacts& facts,
                   Findings& findings) {
  bool address = false;
  bool agent = false;
  for (const auto& item : user_data.GetObject()) {
    const absl::string_view name = TextOf(&item.name);
    const auto known = Members().find(name);
    if (known == Members().end()) {
      findings.Warn(absl::StrCat(Param("user_data", name), " is unknown and ignored."));
      continue;
    }
    const Form form = known->second.form;
    bool found = false;
    if (form == Form::kHashed) {
      found = CheckHashed(name, item.value, rules, findings);
    } else if (form == Form::kIp) {
      address = CheckIp(item.value, findings);
    } else {
      found = CheckPlain(name, form, item.value, findings);
      agent = agent || (form == Form::kAgent && found);
    }
    if (found) facts.signals |= known->second.signal;
  }
  if (address && agent) facts.signals |= kAddressAndAgent;
}

void CheckIdentity(const EventFacts& facts, const Rules& rules, Findings& findings) {
  uint32_t enough = kEmail | kPhone | kAddressAndAgent;
  if (facts.source == ActionSource::kMobileApp || rules.madid_is_identity_off_app) {
    enough |= kMobileAdId;
  }
  if (rules.external_id_is_identity) enough |= kExternalId;
  if ((facts.signals & enough) != 0) return;
  findings.Error(ErrorCode::kNoIdentity,
                 "No usable identifier: em, ph, client_ip_address with client_user_agent, or (app) "
                 "madid is needed.");
}

}  // namespace snapledger::emulator
