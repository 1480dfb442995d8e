#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/event/prepare.h"
#include "services/security/blind_index.h"
#include "snapledger/v1/conversion_event.pb.h"
#include "snapledger/v1/delivery.pb.h"

namespace snapledger::query {

// A value events are found by: its keyed hash, which lots are searched for, and where and how it
// stands in an event's frozen Snap JSON, which decides. Holds personal data: never log one.
struct LookupValue {
  int64_t key = 0;
  std::string_view object, member;  // e.g. user_data, em
  std::string text;                 // as it stands there: in hex where it is hashed
};

// The order id as intake stores it. INVALID_ARGUMENT where intake would leave it out.
absl::StatusOr<LookupValue> ReadOrderId(std::string_view order_id,
                                        const security::BlindIndex& blind_index);

// One person's identifier, normalised and hashed as intake does. INVALID_ARGUMENT, without the
// value, where intake would refuse it or leave it out, or where events are not found by the kind.
absl::StatusOr<LookupValue> ReadIdentifier(v1::IdentifierKind kind,
                                           const v1::Identifier& identifier,
                                           const event::PreparePolicy& policy,
                                           const security::BlindIndex& blind_index);

// Whether an event holds the value. Pure.
bool Holds(const rapidjson::Document& snap_event, const LookupValue& value);

}  // namespace snapledger::query
