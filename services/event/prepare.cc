#include "services/event/prepare.h"

#include <utility>

#include "services/event/limits.h"
#include "services/event/prepare_parts.h"

namespace snapledger::event {
namespace {

// What a suppressed event keeps: enough to count it, nothing about the person.
ConversionEvent WithoutPersonalData(ConversionEvent event) {
  ConversionEvent kept;
  kept.event_id = std::move(event.event_id);
  kept.event_name = std::move(event.event_name);
  kept.standard_event = event.standard_event;
  kept.event_time = event.event_time;
  kept.action_source = event.action_source;
  kept.custom_data.currency = std::move(event.custom_data.currency);
  kept.custom_data.value = std::move(event.custom_data.value);
  kept.consent = event.consent;
  kept.source = std::move(event.source);
  return kept;
}

}  // namespace

PreparedEvent Prepare(const RawEvent& raw, const PreparePolicy& policy) {
  PreparedEvent prepared;
  Findings findings(&prepared);
  if (raw.serialized_bytes > kEventBytesMax) {
    // Not read at all: an event of any size must not cost more than this.
    findings.Violate({""}, Reason::kTooLong, "the event is larger than 64 KiB; send less in it");
    return prepared;
  }
  ConversionEvent& event = prepared.event;
  CallerForm caller;
  caller.consent = raw.consent;
  PrepareEnvelope(raw, policy, &event, &findings);
  PrepareUserData(raw.user_data, policy, &event, &caller, &findings);
  PrepareCustomData(raw, &event, &findings);
  PrepareAppData(raw, &event, &findings);
  const bool denied = event.consent == Consent::kDenied;
  if (!denied) CheckIdentity(event, &findings);
  if (findings.any_violation()) {
    prepared.event = ConversionEvent();
    return prepared;
  }
  prepared.content_digest = ComputeContentDigest(event, caller);
  prepared.disposition = denied ? Disposition::kSuppressed : Disposition::kSend;
  if (denied) {
    prepared.event = WithoutPersonalData(std::move(prepared.event));
    findings.Warn({"consent"}, Reason::kConsentDenied,
                  "consent is denied: recorded without identifiers and never sent");
  }
  return prepared;
}

PreparedEvent PrepareLookup(const RawEvent& raw, const PreparePolicy& policy) {
  PreparedEvent prepared;
  Findings findings(&prepared);
  RawEvent order;
  order.has_custom_data = true;
  order.custom_data.order_id = raw.custom_data.order_id;
  CallerForm caller;
  PrepareUserData(raw.user_data, policy, &prepared.event, &caller, &findings);
  PrepareCustomData(order, &prepared.event, &findings);
  return prepared;
}

}  // namespace snapledger::event
