#include "storage/settings_changes.h"

#include "absl/time/time.h"

namespace snapledger::storage {
namespace {

// Adds what was and what is, where they differ, each by `add(detail, name, value)`.
template <typename Value, typename Add>
void AddChange(const char* name, const Value& before, const Value& after, Add add,
               AuditDetail* changes) {
  if (before == after) return;
  AuditDetail change;
  add(change, "from", before);
  add(change, "to", after);
  changes->Object(name, change);
}

}  // namespace

AuditDetail SettingsChanges(const DestinationSettings& before, const DestinationSettings& after) {
  AuditDetail changes;
  const auto count = [&](const char* name, auto DestinationSettings::*setting) {
    AddChange(
        name, before.*setting, after.*setting,
        [](AuditDetail& change, const char* side, auto value) { change.Count(side, value); },
        &changes);
  };
  const auto text = [&](const char* name, std::string DestinationSettings::*setting) {
    AddChange(
        name, before.*setting, after.*setting,
        [](AuditDetail& change, const char* side, const std::string& value) {
          change.Text(side, value);
        },
        &changes);
  };
  const auto flag = [&](const char* name, bool DestinationSettings::*setting) {
    AddChange(
        name, before.*setting, after.*setting,
        [](AuditDetail& change, const char* side, bool value) { change.Flag(side, value); },
        &changes);
  };
  const auto duration = [&](const char* name, absl::Duration DestinationSettings::*setting) {
    AddChange(
        name, before.*setting, after.*setting,
        [](AuditDetail& change, const char* side, absl::Duration value) {
          change.Text(side, absl::FormatDuration(value));
        },
        &changes);
  };
  AddChange(
      "max_requests_per_second", before.max_requests_per_second, after.max_requests_per_second,
      [](AuditDetail& change, const char* side, double value) { change.Number(side, value); },
      &changes);
  count("max_events_per_request", &DestinationSettings::max_events_per_request);
  count("max_in_flight_requests", &DestinationSettings::max_in_flight_requests);
  text("default_phone_region", &DestinationSettings::default_phone_region);
  duration("max_event_age_web", &DestinationSettings::max_age_web);
  duration("max_event_age_mobile_app", &DestinationSettings::max_age_mobile_app);
  duration("max_event_age_offline", &DestinationSettings::max_age_offline);
  duration("dedup_window", &DestinationSettings::dedup_window);
  duration("purchase_dedup_window", &DestinationSettings::purchase_dedup_window);
  text("limited_data_literal", &DestinationSettings::limited_data_literal);
  count("unspecified_consent", &DestinationSettings::unspecified_consent);
  flag("test_mode", &DestinationSettings::test_mode);
  text("test_event_code", &DestinationSettings::test_event_code);
  duration("request_timeout", &DestinationSettings::request_timeout);
  flag("gzip_requests", &DestinationSettings::gzip_requests);
  count("lane_count", &DestinationSettings::lane_count);
  return changes;
}

}  // namespace snapledger::storage
