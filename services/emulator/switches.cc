#include "services/emulator/switches.h"

#include "absl/strings/str_format.h"

namespace snapledger::emulator {
namespace {

constexpr ChoiceSwitch kChoices[] = {
    {"bearer-token", &Rules::bearer_token_accepted, "refuse", "accept",
     "is a token in the Authorization header alone enough on v3?"},
    {"token-error-body", &Rules::token_error_as_text, "json", "text",
     "is the body of a 401 JSON or the bare sentence?"},
    {"unauthorized-status", &Rules::unauthorized_as_401, "403", "401",
     "HTTP status of Unauthorized resources"},
    {"mixed-batch", &Rules::partial_batches, "reject_all", "partial",
     "are the good events of a batch with a bad one kept?"},
    {"event-index", &Rules::event_index_omitted, "named", "omitted",
     "does a refusal always name the event?"},
    {"error-shape", &Rules::flat_errors, "schema", "flat",
     "are messages in errors.error_msgs (Snap's schema) or at the top level (one report)?"},
    {"error-codes", &Rules::only_known_codes, "invented", "known",
     "all codes but 507 are invented; known leaves them out"},
    {"dedup", &Rules::dedup_off, "on", "off", "does deduplication work at all?"},
    {"dedup-survivor", &Rules::dedup_keeps_strongest, "first", "strongest",
     "which copy of a conversion stays?"},
    {"dedup-clock", &Rules::dedup_by_event_time, "arrival", "event_time",
     "which times must lie within the deduplication window?"},
    {"duplicate-answer", &Rules::duplicates_noted, "plain", "noted",
     "does the answer to a duplicate say so?"},
    {"event-names", &Rules::only_standard_names, "open", "strict",
     "are names outside the 31 standard ones refused?"},
    {"currencies", &Rules::only_listed_currencies, "open", "strict",
     "are currencies outside the 60 documented ones refused?"},
    {"letter-case", &Rules::case_strict, "tolerant", "strict",
     "are action_source and event_name taken in any letter case?"},
    {"event-source-url", &Rules::url_always_required, "web", "always",
     "is event_source_url needed outside WEB?"},
    {"external-id-alone", &Rules::external_id_is_identity, "refuse", "accept",
     "does external_id alone identify a person?"},
    {"madid-off-app", &Rules::madid_is_identity_off_app, "refuse", "accept",
     "does madid alone identify a person outside MOBILE_APP?"},
    {"milliseconds", &Rules::milliseconds_refused, "accept", "refuse",
     "may event_time of WEB and MOBILE_APP be in milliseconds?"},
    {"offline-milliseconds", &Rules::offline_milliseconds_accepted, "refuse", "accept",
     "may event_time of OFFLINE be in milliseconds?"},
    {"gzip-requests", &Rules::gzip_accepted, "refuse", "accept",
     "may a request body be compressed?"},
    {"content-type", &Rules::any_content_type, "json", "any",
     "is another Content-Type than application/json refused?"},
    {"asset-ids", &Rules::only_uuid_assets, "any", "uuid", "must the asset id be a UUID?"},
    {"v2-keys", &Rules::v2_keys_accepted, "refuse", "accept",
     "are event_type, timestamp, event_conversion_type and page_url taken in v3?"},
    {"empty-hash", &Rules::empty_hash_accepted, "refuse", "accept",
     "is the hash of an empty string refused?"},
    {"negative-value", &Rules::negative_value_accepted, "refuse", "accept",
     "may an amount be negative?"},
    {"duplicate-members", &Rules::duplicate_members_accepted, "refuse", "accept",
     "may an object name a member twice?"},
    {"empty-data", &Rules::empty_data_accepted, "refuse", "accept", "may data be empty?"},
    {"tracking-flag", &Rules::tracking_flag_optional, "required", "optional",
     "must an app event carry advertiser_tracking_enabled?"},
    {"extinfo", &Rules::extinfo_lenient, "enforced", "lenient",
     "is a missing extinfo, or one with an empty slot 0, refused?"},
};

constexpr NumberSwitch kNumbers[] = {
    {"invalid-status", &Rules::invalid_status, 200, 499, "HTTP status of a refused batch"},
    {"validate-invalid-status", &Rules::validate_invalid_status, 200, 499,
     "HTTP status of a validate call with a bad event"},
    {"gzip-refused-status", &Rules::gzip_refused_status, 400, 499,
     "HTTP status of a refused compressed body"},
    {"index-base", &Rules::index_base, 0, 1, "number of the first event in answers"},
    {"age-days", &Rules::age_days, 1, 37, "oldest event_time in days"},
    {"future-seconds", &Rules::future_seconds, 0, 86400, "furthest event_time ahead"},
    {"events-max", &Rules::events_max, 1, 1000000, "most events in a request (2000 is documented)"},
    {"dedup-hours", &Rules::dedup_hours, 0, 8760, "deduplication window by event_id"},
    {"dedup-order-days", &Rules::dedup_order_days, 0, 365,
     "deduplication window of a PURCHASE by order_id"},
};

}  // namespace

absl::Span<const ChoiceSwitch> ChoiceSwitches() { return kChoices; }
absl::Span<const NumberSwitch> NumberSwitches() { return kNumbers; }

std::string DescribeSwitches(const Rules& rules) {
  std::string text;
  for (const ChoiceSwitch& item : kChoices) {
    absl::StrAppendFormat(&text, "  --%-24s %-10s unverified: %s\n", item.name,
                          rules.*item.member ? item.other : item.usual, item.question);
  }
  for (const NumberSwitch& item : kNumbers) {
    absl::StrAppendFormat(&text, "  --%-24s %-10d unverified: %s\n", item.name, rules.*item.member,
                          item.question);
  }
  return text;
}

}  // namespace snapledger::emulator
