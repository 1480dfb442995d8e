#pragma once

#include "services/event/content_digest.h"
#include "services/event/conversion_event.h"
#include "services/event/findings.h"
#include "services/event/prepare.h"
#include "services/event/raw_event.h"

namespace snapledger::event {

// The parts of Prepare, one file each: each checks its part of `raw`, writes its normal form into
// *event and tells what it found.

// Id, name, time, action source, page, consent and source: prepare_envelope.cc.
void PrepareEnvelope(const RawEvent& raw, const PreparePolicy& policy, ConversionEvent* event,
                     Findings* findings);

// Identifiers and the two masks, and what the content digest needs of phone numbers. Whether they
// are enough to identify anybody is decided by CheckIdentity.
void PrepareUserData(const RawUserData& raw, const PreparePolicy& policy, ConversionEvent* event,
                     CallerForm* caller, Findings* findings);
void CheckIdentity(const ConversionEvent& event, Findings* findings);

// Amounts, contents and labels; what a purchase needs.
void PrepareCustomData(const RawEvent& raw, ConversionEvent* event, Findings* findings);

// What an app event needs.
void PrepareAppData(const RawEvent& raw, ConversionEvent* event, Findings* findings);

}  // namespace snapledger::event
