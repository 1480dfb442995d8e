#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/emulator/member_checks.h"
#include "services/emulator/value_forms.h"

namespace snapledger::emulator {
namespace {

constexpr rapidjson::SizeType kExtinfoSlots = 16;
constexpr int kOsVersionSlot = 4;
constexpr rapidjson::SizeType kWholeNumberSlots[] = {9, 10, 12, 13, 14};

bool IsKnownMember(absl::string_view name) {
  static constexpr absl::string_view kNames[] = {"app_id",
                                                 "advertiser_tracking_enabled",
                                                 "application_tracking_enabled",
                                                 "extinfo",
                                                 "campaign_ids",
                                                 "install_referrer",
                                                 "installer_package",
                                                 "url_schemes",
                                                 "windows_attribution_id"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

void CheckSlots(const JsonValue& extinfo, const std::string& param, const Rules& rules,
                Findings& findings) {
  const absl::string_view version = TextOf(&extinfo[0]);
  if (version != "a2" && version != "i2" && !(version.empty() && rules.extinfo_lenient)) {
    findings.Error(ErrorCode::kAppData, absl::StrCat(param, " must begin with a2 or i2."));
  }
  if (TextOf(&extinfo[kOsVersionSlot]).empty()) {
    findings.Warn(absl::StrCat(param, " has no OS version in slot 4."));
  }
  for (const rapidjson::SizeType slot : kWholeNumberSlots) {
    const absl::string_view text = TextOf(&extinfo[slot]);
    if (!text.empty() && !AllDigits(text)) {
      findings.Warn(absl::StrCat(param, " slot ", slot, " is not a whole number."));
    }
  }
}

void CheckExtinfo(const JsonValue* extinfo, const Rules& rules, Findings& findings) {
  const std::string param = Param("app_data", "extinfo");
  if (extinfo == nullptr) {
    if (rules.extinfo_lenient) {
      findings.Warn(absl::StrCat(param, " is missing."));
    } else {
      findings.Error(ErrorCode::kAppData, absl::StrCat(param, " is missing."));
    }
    return;
  }
  if (!extinfo->IsArray() || extinfo->Size() != kExtinfoSlots || !IsTextOrList(*extinfo)) {
    findings.Error(ErrorCode::kAppData,
                   absl::StrCat(param, " is not a list of exactly 16 strings."));
    return;
  }
  CheckSlots(*extinfo, param, rules, findings);
}

void CheckAppId(const JsonValue& app_data, Findings& findings) {
  const absl::string_view app_id = TextOf(FindMember(app_data, "app_id"));
  const std::string param = Param("app_data", "app_id");
  if (app_id.empty()) {
    findings.Error(ErrorCode::kAppData, absl::StrCat(param, " is missing or no string."));
    return;
  }
  const JsonValue* const extinfo = FindMember(app_data, "extinfo");
  const bool ios = extinfo != nullptr && extinfo->IsArray() && !extinfo->Empty() &&
                   TextOf(&(*extinfo)[0]) == "i2";
  if (ios && !AllDigits(app_id)) {
    findings.Warn(absl::StrCat(param, " of an iOS app is not all digits."));
  }
}

}  // namespace

void CheckTrackingFlag(absl::string_view param, const JsonValue& value, Findings& findings) {
  if (value.IsBool() || (value.IsInt() && (value.GetInt() == 0 || value.GetInt() == 1))) return;
  findings.Error(ErrorCode::kAppData, absl::StrCat(param, " is not 0, 1, true or false."));
}

void CheckAppData(const JsonValue* app_data, bool tracking_flag_on_event, const Rules& rules,
                  Findings& findings) {
  if (app_data == nullptr) {
    findings.Error(ErrorCode::kAppData, absl::StrCat(Param("app_data"), " is missing."));
    return;
  }
  CheckAppId(*app_data, findings);
  CheckExtinfo(FindMember(*app_data, "extinfo"), rules, findings);
  bool flag = tracking_flag_on_event;
  for (const auto& item : app_data->GetObject()) {
    const absl::string_view name = TextOf(&item.name);
    const std::string param = Param("app_data", name);
    if (name == "advertiser_tracking_enabled" || name == "application_tracking_enabled") {
      CheckTrackingFlag(param, item.value, findings);
      flag = flag || name == "advertiser_tracking_enabled";
    } else if (!IsKnownMember(name)) {
      findings.Warn(absl::StrCat(param, " is unknown and ignored."));
    }
  }
  if (!flag && !rules.tracking_flag_optional) {
    findings.Error(ErrorCode::kAppData,
                   absl::StrCat(Param("app_data", "advertiser_tracking_enabled"), " is missing."));
  }
}

}  // namespace snapledger::emulator
