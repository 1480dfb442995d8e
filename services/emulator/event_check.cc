#include "services/emulator/event_check.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/emulator/known_values.h"
#include "services/emulator/member_checks.h"
#include "services/emulator/value_forms.h"

namespace snapledger::emulator {
namespace {

// Reads one event member by member; the order of the checks is the order of the messages.
class EventChecker {
 public:
  EventChecker(const JsonValue& event, const Rules& rules, absl::Time now)
      : event_(event), rules_(rules), now_(now) {}

  CheckedEvent Run(bool envelope_is_test) {
    if (!event_.IsObject()) {
      Error(ErrorCode::kMalformed, "Param data holds something that is no object.");
      return std::move(result_);
    }
    CheckDuplicateMembers(event_, "data", rules_, result_.findings);
    CheckName();
    CheckSource();
    CheckTime();
    CheckId();
    CheckUrl();
    CheckTestCode(envelope_is_test);
    CheckPrivacy();
    CheckOthers();
    CheckObjects();
    return std::move(result_);
  }

 private:
  void Error(ErrorCode code, std::string message) {
    result_.findings.Error(code, std::move(message));
  }
  void Warn(std::string message) { result_.findings.Warn(std::move(message)); }

  const JsonValue* Find(absl::string_view name, absl::string_view v2_name = {}) const {
    const JsonValue* const value = FindMember(event_, name);
    if (value != nullptr || v2_name.empty() || !rules_.v2_keys_accepted) return value;
    return FindMember(event_, v2_name);
  }

  // The text of a required string, or an error and nothing.
  absl::string_view RequiredText(absl::string_view name, absl::string_view v2_name) {
    const JsonValue* const value = Find(name, v2_name);
    if (value == nullptr || value->IsNull()) {
      Error(ErrorCode::kMissing, absl::StrCat(Param(name), " is missing."));
    } else if (TextOf(value).empty()) {
      Error(ErrorCode::kMalformed, absl::StrCat(Param(name), " is empty or no string."));
    }
    return TextOf(value);
  }

  void CheckName();
  void CheckSource();
  void CheckTime();
  void CheckTimeUnit(int64_t& seconds);
  void CheckId();
  void CheckUrl();
  void CheckTestCode(bool envelope_is_test);
  void CheckPrivacy();
  void CheckOthers();
  void CheckObjects();
  // The object of that name, or null after an error if it is something else.
  const JsonValue* FindObject(absl::string_view name);

  const JsonValue& event_;
  const Rules& rules_;
  const absl::Time now_;
  CheckedEvent result_;
};

void EventChecker::CheckName() {
  EventFacts& facts = result_.facts;
  facts.raw_name = RequiredText("event_name", "event_type");
  facts.name = std::string(facts.raw_name);
  if (facts.name.empty() || IsStandardEventName(facts.name)) return;
  std::string upper = absl::AsciiStrToUpper(facts.name);
  if (IsStandardEventName(upper) && !rules_.case_strict) {
    Warn(absl::StrCat(Param("event_name"), " is not in upper case."));
    facts.name = std::move(upper);
  } else if (rules_.only_standard_names) {
    Error(ErrorCode::kMalformed, absl::StrCat(Param("event_name"), " is not a standard name."));
  } else {
    Warn(absl::StrCat(Param("event_name"), " is not a standard name."));
  }
}

void EventChecker::CheckSource() {
  struct Spelling {
    absl::string_view text;
    ActionSource source;
    bool native;
  };
  static constexpr Spelling kSpellings[] = {
      {"WEB", ActionSource::kWeb, true},
      {"MOBILE_APP", ActionSource::kMobileApp, true},
      {"OFFLINE", ActionSource::kOffline, true},
      {"WEBSITE", ActionSource::kWeb, false},
      {"APP", ActionSource::kMobileApp, false},
      {"PHYSICAL_STORE", ActionSource::kOffline, false},
      {"PHONE_CALL", ActionSource::kOffline, false},
      {"EMAIL", ActionSource::kOffline, false},
      {"CHAT", ActionSource::kOffline, false},
      {"SYSTEM_GENERATED", ActionSource::kOffline, false},
  };
  const absl::string_view text = RequiredText("action_source", "event_conversion_type");
  if (text.empty()) return;
  const std::string upper = absl::AsciiStrToUpper(text);
  for (const Spelling& spelling : kSpellings) {
    if (spelling.text != upper) continue;
    if (spelling.native && text != upper) {
      if (rules_.case_strict) break;
      Warn(absl::StrCat(Param("action_source"), " is not in upper case."));
    }
    if (!spelling.native) {
      Warn(absl::StrCat(Param("action_source"), " is an alias of ",
                        ActionSourceName(spelling.source), "."));
    }
    result_.facts.source = spelling.source;
    return;
  }
  Error(ErrorCode::kMalformed,
        absl::StrCat(Param("action_source"), " is not WEB, MOBILE_APP or OFFLINE."));
}

void EventChecker::CheckTime() {
  const std::string param = Param("event_time");
  const JsonValue* const value = Find("event_time", "timestamp");
  if (value == nullptr || value->IsNull()) {
    Error(ErrorCode::kMissing, absl::StrCat(param, " is missing."));
    return;
  }
  int64_t seconds = 0;
  if (value->IsInt64()) {
    seconds = value->GetInt64();
  } else if (AllDigits(TextOf(value)) && absl::SimpleAtoi(TextOf(value), &seconds)) {
    Warn(absl::StrCat(param, " is a string."));
  } else {
    Error(ErrorCode::kTime, absl::StrCat(param, " is an invalid Unix timestamp."));
    return;
  }
  CheckTimeUnit(seconds);
  const absl::Time time = absl::FromUnixSeconds(seconds);
  result_.facts.time = time;
  if (!result_.findings.valid() && result_.findings.errors.back().code == ErrorCode::kTime) return;
  if (time < now_ - absl::Hours(24 * rules_.age_days)) {
    Error(ErrorCode::kTime,
          absl::StrCat(param, " is more than ", rules_.age_days, " days in the past."));
  } else if (time > now_ + absl::Seconds(rules_.future_seconds)) {
    Error(ErrorCode::kTime, absl::StrCat(param, " is in the future."));
  }
}

void EventChecker::CheckTimeUnit(int64_t& seconds) {
  constexpr int64_t kLeastMilliseconds = 1'000'000'000'000;
  if (seconds < kLeastMilliseconds) return;
  const bool refused = result_.facts.source == ActionSource::kOffline
                           ? !rules_.offline_milliseconds_accepted
                           : rules_.milliseconds_refused;
  seconds /= 1000;
  // The sentence is the one recorded from Snap.
  if (refused) {
    Error(ErrorCode::kTime, absl::StrCat(Param("event_time"), " is an invalid Unix timestamp."));
  }
}

void EventChecker::CheckId() {
  const JsonValue* const value = Find("event_id");
  if (value == nullptr) {
    Warn(absl::StrCat(Param("event_id"), " is missing; the event cannot be deduplicated."));
  } else if (TextOf(value).empty()) {
    Error(ErrorCode::kMalformed, absl::StrCat(Param("event_id"), " is empty or no string."));
  } else {
    result_.facts.event_id = TextOf(value);
  }
}

void EventChecker::CheckUrl() {
  const JsonValue* const value = Find("event_source_url", "page_url");
  const std::string param = Param("event_source_url");
  if (value == nullptr) {
    if (result_.facts.source == ActionSource::kWeb || rules_.url_always_required) {
      Error(ErrorCode::kMissing, absl::StrCat(param, " is missing."));
    }
  } else if (!IsWebUrl(TextOf(value))) {
    Error(ErrorCode::kMalformed, absl::StrCat(param, " is not an http or https address."));
  }
}

void EventChecker::CheckTestCode(bool envelope_is_test) {
  const JsonValue* const value = Find("test_event_code");
  result_.facts.test = envelope_is_test || value != nullptr;
  if (value != nullptr && TextOf(value).empty()) {
    Error(ErrorCode::kMalformed, absl::StrCat(Param("test_event_code"), " is empty or no string."));
  }
}

void EventChecker::CheckPrivacy() {
  const JsonValue* const value = Find("data_processing_options");
  if (value == nullptr) return;
  const std::string param = Param("data_processing_options");
  if (!value->IsArray() || !IsTextOrList(*value)) {
    Error(ErrorCode::kMalformed, absl::StrCat(param, " is not a list of strings."));
    return;
  }
  for (const JsonValue& item : value->GetArray()) {
    const absl::string_view text = TextOf(&item);
    if (text != "LMU" && text != "LDU" && text != "DELETE") {
      Warn(absl::StrCat(param, " holds an unknown option."));
    }
  }
}

void EventChecker::CheckOthers() {
  static const auto* const known =
      new absl::flat_hash_set<absl::string_view>{"event_name",
                                                 "event_time",
                                                 "action_source",
                                                 "event_source_url",
                                                 "event_id",
                                                 "user_data",
                                                 "custom_data",
                                                 "app_data",
                                                 "data_processing_options",
                                                 "data_processing_options_country",
                                                 "data_processing_options_state",
                                                 "integration",
                                                 "test_event_code",
                                                 "opt_out",
                                                 "raw_request",
                                                 "asset_id",
                                                 "request_id",
                                                 "version",
                                                 "advertiser_tracking_enabled"};
  for (const auto& item : event_.GetObject()) {
    const absl::string_view name = TextOf(&item.name);
    if (!known->contains(name)) Warn(absl::StrCat(Param(name), " is unknown and ignored."));
  }
  const JsonValue* const integration = Find("integration");
  if (integration != nullptr && !integration->IsString()) {
    Error(ErrorCode::kMalformed, absl::StrCat(Param("integration"), " is not a string."));
  }
  result_.facts.integration = TextOf(integration);
  const JsonValue* const opt_out = Find("opt_out");
  if (opt_out != nullptr && !opt_out->IsBool()) {
    Error(ErrorCode::kMalformed, absl::StrCat(Param("opt_out"), " is not true or false."));
  }
}

const JsonValue* EventChecker::FindObject(absl::string_view name) {
  const JsonValue* const value = Find(name);
  if (value == nullptr) return nullptr;
  if (!value->IsObject()) {
    Error(ErrorCode::kMalformed, absl::StrCat(Param(name), " is not an object."));
    return nullptr;
  }
  CheckDuplicateMembers(*value, name, rules_, result_.findings);
  return value;
}

void EventChecker::CheckObjects() {
  EventFacts& facts = result_.facts;
  Findings& findings = result_.findings;
  if (const JsonValue* const user_data = FindObject("user_data"); user_data != nullptr) {
    CheckUserData(*user_data, rules_, facts, findings);
    CheckIdentity(facts, rules_, findings);
  } else if (Find("user_data") == nullptr) {
    Error(ErrorCode::kMissing, absl::StrCat(Param("user_data"), " is missing."));
  }
  CheckCustomData(FindObject("custom_data"), rules_, facts, findings);
  const JsonValue* const flag = Find("advertiser_tracking_enabled");
  if (flag != nullptr) CheckTrackingFlag(Param("advertiser_tracking_enabled"), *flag, findings);
  const JsonValue* const app_data = FindObject("app_data");
  if (facts.source == ActionSource::kMobileApp) {
    CheckAppData(app_data, flag != nullptr, rules_, findings);
  } else if (app_data != nullptr) {
    Warn(absl::StrCat(Param("app_data"), " is for MOBILE_APP events."));
  }
}

}  // namespace

absl::string_view ActionSourceName(ActionSource source) {
  switch (source) {
    case ActionSource::kWeb:
      return "WEB";
    case ActionSource::kMobileApp:
      return "MOBILE_APP";
    case ActionSource::kOffline:
      return "OFFLINE";
    case ActionSource::kUnknown:
      break;
  }
  return "";
}

void CheckDuplicateMembers(const JsonValue& object, absl::string_view where, const Rules& rules,
                           Findings& findings) {
  if (rules.duplicate_members_accepted) return;
  for (auto left = object.MemberBegin(); left != object.MemberEnd(); ++left) {
    const auto same = [&](const auto& right) { return left->name == right.name; };
    if (std::any_of(left + 1, object.MemberEnd(), same)) {
      findings.Error(ErrorCode::kMalformed,
                     absl::StrCat("Param ", where, " names ", TextOf(&left->name), " twice."));
    }
  }
}

CheckedEvent CheckEvent(const JsonValue& event, bool envelope_is_test, const Rules& rules,
                        absl::Time now) {
  return EventChecker(event, rules, now).Run(envelope_is_test);
}

}  // namespace snapledger::emulator
