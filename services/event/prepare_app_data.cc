#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "services/event/limits.h"
#include "services/event/placeholder.h"
#include "services/event/prepare_parts.h"
#include "services/event/text.h"

namespace snapledger::event {
namespace {

constexpr size_t kSystemSlot = 0;
constexpr size_t kSystemVersionSlot = 4;
constexpr std::array<size_t, 5> kWholeNumberSlots = {9, 10, 12, 13, 14};
constexpr std::string_view kIos = "i2";
constexpr std::string_view kAndroid = "a2";

// Of snapledger.v1.Tristate.
constexpr int kFalse = 1;
constexpr int kTrue = 2;

bool AllDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

void PrepareAppId(std::string_view raw, AppData* app, Findings* findings) {
  const FieldPath path{"app_data.app_id"};
  const std::string_view id = TrimWhitespace(raw);
  if (!CheckText(path, id, kTextBytesMax, TextKind::kToken, findings)) return;
  if (IsPlaceholder(id)) {
    findings->Violate(path, Reason::kRequired,
                      "required for MOBILE_APP: the App Store id or the Android package name");
    return;
  }
  app->app_id.assign(id);
}

// False when the number is none of the enum's.
bool CheckTristate(const FieldPath& path, int value, Findings* findings) {
  if (value >= 0 && value <= kTrue) return true;
  findings->Violate(path, Reason::kUnknownValue, "not a known value; use TRUE or FALSE");
  return false;
}

void PrepareFlags(const RawAppData& raw, AppData* app, Findings* findings) {
  if (CheckTristate({"app_data.advertiser_tracking_enabled"}, raw.advertiser_tracking_enabled,
                    findings)) {
    app->advertiser_tracking_enabled = raw.advertiser_tracking_enabled == kTrue;
  }
  if (CheckTristate({"app_data.application_tracking_enabled"}, raw.application_tracking_enabled,
                    findings) &&
      raw.application_tracking_enabled >= kFalse) {
    app->application_tracking_enabled = raw.application_tracking_enabled == kTrue;
  }
}

void WarnOfSlots(const AppData& app, Findings* findings) {
  const auto slot = [](size_t index) {
    return FieldPath{"app_data.extinfo", static_cast<int>(index)};
  };
  const std::string& system = app.extinfo[kSystemSlot];
  if (system.empty()) {
    findings->Warn(slot(kSystemSlot), Reason::kIncomplete,
                   "empty; Snap asks for a2 (Android) or i2 (iOS)");
  } else if (system != kIos && system != kAndroid) {
    findings->Warn(slot(kSystemSlot), Reason::kUnknownValue,
                   "neither a2 (Android) nor i2 (iOS), which Snap asks for");
  }
  if (app.extinfo[kSystemVersionSlot].empty()) {
    findings->Warn(slot(kSystemVersionSlot), Reason::kIncomplete,
                   "empty; Snap asks for the version of the operating system");
  }
  for (const size_t index : kWholeNumberSlots) {
    if (!AllDigits(app.extinfo[index])) {
      findings->Warn(slot(index), Reason::kMalformed, "not a whole number, which Snap expects");
    }
  }
  if (system == kIos && !AllDigits(app.app_id)) {
    findings->Warn({"app_data.app_id"}, Reason::kMalformed,
                   "not digits; an iOS app is named by its App Store id");
  }
}

void PrepareExtinfo(const std::vector<std::string_view>& raw, AppData* app, Findings* findings) {
  const FieldPath path{"app_data.extinfo"};
  if (raw.size() > kExtinfoSlots) {
    findings->Violate(path, Reason::kTooLong, "more than 16 slots; send exactly 16");
    return;
  }
  bool any = false;
  for (size_t i = 0; i < raw.size(); ++i) {
    const FieldPath slot{"app_data.extinfo", static_cast<int>(i)};
    if (!CheckText(slot, raw[i], kTextBytesMax, TextKind::kProse, findings)) continue;
    app->extinfo[i].assign(TrimWhitespace(raw[i]));
    any = any || !app->extinfo[i].empty();
  }
  if (any) {
    WarnOfSlots(*app, findings);
  } else {
    findings->Warn(path, Reason::kIncomplete,
                   "missing; Snap asks for 16 slots, the first a2 or i2, the fifth the system's "
                   "version");
  }
}

void PrepareTexts(const RawAppData& raw, AppData* app, Findings* findings) {
  const auto text = [&](std::string_view path, std::string_view value, std::string* prepared) {
    if (CheckText({path}, value, kTextBytesMax, TextKind::kProse, findings)) {
      prepared->assign(value);
    }
  };
  text("app_data.campaign_ids", raw.campaign_ids, &app->campaign_ids);
  text("app_data.install_referrer", raw.install_referrer, &app->install_referrer);
  text("app_data.installer_package", raw.installer_package, &app->installer_package);
  if (raw.url_schemes.size() > kListValuesMax) {
    findings->Violate({"app_data.url_schemes"}, Reason::kTooLong,
                      "more than 1000 values; send fewer");
    return;
  }
  for (size_t i = 0; i < raw.url_schemes.size(); ++i) {
    const FieldPath path{"app_data.url_schemes", static_cast<int>(i)};
    if (CheckText(path, raw.url_schemes[i], kTextBytesMax, TextKind::kProse, findings) &&
        !raw.url_schemes[i].empty()) {
      app->url_schemes.emplace_back(raw.url_schemes[i]);
    }
  }
}

}  // namespace

void PrepareAppData(const RawEvent& raw, ConversionEvent* event, Findings* findings) {
  if (raw.action_source != static_cast<int>(ActionSource::kMobileApp)) {
    if (raw.has_app_data) {
      findings->Warn({"app_data"}, Reason::kUnknownValue, "only for MOBILE_APP events; left out");
    }
    return;
  }
  AppData& app = event->app_data.emplace();
  PrepareAppId(raw.app_data.app_id, &app, findings);
  PrepareFlags(raw.app_data, &app, findings);
  PrepareExtinfo(raw.app_data.extinfo, &app, findings);
  PrepareTexts(raw.app_data, &app, findings);
}

}  // namespace snapledger::event
