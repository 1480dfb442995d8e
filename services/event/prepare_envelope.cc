#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/event/limits.h"
#include "services/event/prepare_parts.h"
#include "services/event/standard_events.h"
#include "services/event/text.h"

namespace snapledger::event {
namespace {

constexpr absl::Duration kMaxAgeEver = absl::Hours(37 * 24);

void PrepareEventId(std::string_view id, ConversionEvent* event, Findings* findings) {
  const FieldPath path{"event_id"};
  if (id.empty()) {
    findings->Violate(path, Reason::kRequired,
                      "required: give every conversion an id of its own, the same one the pixel "
                      "sends as client_dedup_id");
    return;
  }
  if (!CheckText(path, id, kEventIdBytesMax, TextKind::kToken, findings)) return;
  if (TrimWhitespace(id).empty()) {
    findings->Violate(path, Reason::kMalformed, "nothing but white space; give an id");
    return;
  }
  event->event_id.assign(id);
}

void PrepareStandardName(int number, ConversionEvent* event, Findings* findings) {
  const FieldPath path{"standard_event"};
  const std::string_view name = StandardEventName(number);
  if (!name.empty()) {
    event->event_name.assign(name);
    event->standard_event = number;
  } else if (number == 0) {
    findings->Violate(path, Reason::kRequired, "required: name one of Snap's standard events");
  } else {
    findings->Violate(path, Reason::kUnknownValue,
                      "not a known standard event; use one of the enum's values or custom_event");
  }
}

void PrepareCustomName(std::string_view given, ConversionEvent* event, Findings* findings) {
  const FieldPath path{"custom_event"};
  const std::string_view name = TrimWhitespace(given);
  if (!CheckText(path, name, kCustomNameCharactersMax * 4, TextKind::kToken, findings)) return;
  if (name.empty()) {
    findings->Violate(path, Reason::kRequired, "required: the event's name is empty");
    return;
  }
  if (CountCharacters(name) > kCustomNameCharactersMax) {
    findings->Violate(path, Reason::kTooLong, "longer than 64 characters; shorten the name");
    return;
  }
  event->event_name.assign(name);
  event->standard_event = FindStandardEvent(name);
  if (event->standard_event != 0) return;
  const bool other_case = FindStandardEvent(ToUpperAscii(name)) != 0;
  findings->Warn(path, Reason::kNotStandardEvent,
                 other_case ? "not a standard event only for its lower case; use standard_event"
                            : "not one of Snap's standard events; Snap may not optimise for it");
}

void PrepareName(const RawEvent& raw, ConversionEvent* event, Findings* findings) {
  switch (raw.name_form) {
    case RawEvent::NameForm::kMissing:
      findings->Violate({"standard_event"}, Reason::kRequired,
                        "required: set standard_event or custom_event");
      return;
    case RawEvent::NameForm::kStandard:
      PrepareStandardName(raw.standard_event, event, findings);
      return;
    case RawEvent::NameForm::kCustom:
      PrepareCustomName(raw.custom_event, event, findings);
      return;
  }
}

absl::Duration MaxAge(ActionSource source, const PreparePolicy& policy) {
  switch (source) {
    case ActionSource::kMobileApp:
      return std::min(policy.max_age_mobile_app, kMaxAgeEver);
    case ActionSource::kOffline:
      return std::min(policy.max_age_offline, kMaxAgeEver);
    case ActionSource::kWeb:
      break;
  }
  return std::min(policy.max_age_web, kMaxAgeEver);
}

void PrepareTime(const RawEvent& raw, const PreparePolicy& policy, ConversionEvent* event,
                 Findings* findings) {
  const FieldPath path{"event_time"};
  if (!raw.event_time_valid) {
    findings->Violate(
        path, Reason::kMalformed,
        "outside what a Timestamp can hold; seconds are since 1970, not milliseconds");
    return;
  }
  if (!raw.event_time.has_value()) {
    findings->Violate(path, Reason::kRequired, "required: when the conversion happened");
    return;
  }
  const absl::Duration max_age = MaxAge(event->action_source, policy);
  if (*raw.event_time < policy.now - max_age) {
    findings->Violate(path, Reason::kTooOld,
                      absl::StrCat("older than ", absl::FormatDuration(max_age),
                                   ", the limit for this action source; send events sooner"));
  } else if (*raw.event_time > policy.now + policy.max_future) {
    findings->Violate(path, Reason::kInFuture,
                      "in the future; check the clock, and that seconds are not milliseconds");
  } else {
    event->event_time = absl::FromUnixSeconds(absl::ToUnixSeconds(*raw.event_time));
  }
}

void PrepareActionSource(const RawEvent& raw, const PreparePolicy& policy, ConversionEvent* event,
                         Findings* findings) {
  const FieldPath path{"action_source"};
  if (raw.action_source == 0) {
    findings->Violate(path, Reason::kRequired, "required: WEB, MOBILE_APP or OFFLINE");
    return;
  }
  if (raw.action_source < 0 || raw.action_source > 3) {
    findings->Violate(path, Reason::kUnknownValue,
                      "not a known action source; use WEB, MOBILE_APP or OFFLINE");
    return;
  }
  event->action_source = static_cast<ActionSource>(raw.action_source);
  const bool for_app = event->action_source == ActionSource::kMobileApp;
  if (for_app && policy.destination_kind != DestinationKind::kApp) {
    findings->Violate(path, Reason::kWrongDestinationKind,
                      "MOBILE_APP events go to an app destination; this one is a pixel");
  } else if (!for_app && policy.destination_kind != DestinationKind::kPixel) {
    findings->Violate(path, Reason::kWrongDestinationKind,
                      "WEB and OFFLINE events go to a pixel destination; this one is an app");
  }
}

// host, host:port, [address]:port, each after an optional user:password@.
bool IsAuthority(std::string_view authority) {
  const size_t at = authority.rfind('@');
  if (at != std::string_view::npos) authority.remove_prefix(at + 1);
  std::string_view port;
  if (!authority.empty() && authority.front() == '[') {
    const size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos || bracket < 3) return false;
    port = authority.substr(bracket + 1);
    authority = authority.substr(1, bracket - 1);
  } else {
    const size_t colon = authority.find(':');
    port = colon == std::string_view::npos ? std::string_view() : authority.substr(colon);
    authority = authority.substr(0, colon);
  }
  if (!port.empty()) {
    if (port.front() != ':') return false;
    port.remove_prefix(1);
    const bool digits = std::all_of(port.begin(), port.end(), absl::ascii_isdigit);
    if (!digits || port.size() > 5) return false;
  }
  return !authority.empty() && authority != "." &&
         authority.find_first_of(" \\<>\"{}|^`") == std::string_view::npos;
}

bool IsWebAddress(std::string_view url) {
  const size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return false;
  const std::string_view scheme = url.substr(0, scheme_end);
  if (!EqualsIgnoringCase(scheme, "https") && !EqualsIgnoringCase(scheme, "http")) return false;
  url.remove_prefix(scheme_end + 3);
  return IsAuthority(url.substr(0, url.find_first_of("/?#")));
}

void PreparePage(const RawEvent& raw, ConversionEvent* event, Findings* findings) {
  const FieldPath path{"event_source_url"};
  const std::string_view url = TrimWhitespace(raw.event_source_url);
  if (!CheckText(path, url, kUrlBytesMax, TextKind::kToken, findings)) return;
  if (url.empty()) {
    if (raw.action_source == static_cast<int>(ActionSource::kWeb)) {
      findings->Violate(path, Reason::kRequired,
                        "required for WEB: the address of the page, with http:// or https://");
    }
    return;
  }
  if (!IsWebAddress(url)) {
    findings->Violate(path, Reason::kMalformed,
                      "not a web address; it starts with http:// or https:// and has a host");
    return;
  }
  event->event_source_url.assign(url);
}

void PrepareConsent(int consent, const PreparePolicy& policy, ConversionEvent* event,
                    Findings* findings) {
  if (consent < 0 || consent > static_cast<int>(Consent::kDenied)) {
    findings->Violate({"consent"}, Reason::kUnknownValue,
                      "not a known consent; use GRANTED, LIMITED or DENIED");
    return;
  }
  event->consent = static_cast<Consent>(consent);
  if (event->consent == Consent::kUnspecified) event->consent = policy.unspecified_consent;
  if (event->consent == Consent::kUnspecified) event->consent = Consent::kGranted;
}

void PrepareSource(std::string_view given, ConversionEvent* event, Findings* findings) {
  const FieldPath path{"source"};
  const std::string_view source = TrimWhitespace(given);
  if (!CheckText(path, source, kSourceCharactersMax * 4, TextKind::kToken, findings)) return;
  if (CountCharacters(source) > kSourceCharactersMax) {
    findings->Violate(path, Reason::kTooLong, "longer than 64 characters; shorten it");
    return;
  }
  event->source.assign(source);
}

}  // namespace

void PrepareEnvelope(const RawEvent& raw, const PreparePolicy& policy, ConversionEvent* event,
                     Findings* findings) {
  PrepareEventId(raw.event_id, event, findings);
  PrepareName(raw, event, findings);
  PrepareActionSource(raw, policy, event, findings);
  PrepareTime(raw, policy, event, findings);
  PreparePage(raw, event, findings);
  PrepareConsent(raw.consent, policy, event, findings);
  PrepareSource(raw.source, event, findings);
}

}  // namespace snapledger::event
