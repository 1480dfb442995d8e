#pragma once

#include <string_view>
#include <vector>

#include "services/base/error_details.h"
#include "snapledger/v1/admin_service.pb.h"
#include "storage/destination_store.h"

namespace snapledger::destinations {

// Reads settings as a caller gives them: zero or empty takes the default. What is out of range is
// added to `violations`, its field below "settings". Pure.
storage::DestinationSettings SettingsFromProto(const v1::DestinationSettings& message,
                                               std::vector<base::FieldViolation>* violations);

// The effective values.
void SettingsToProto(const storage::DestinationSettings& settings,
                     v1::DestinationSettings* message);

// A safe path segment: 1..64 of [A-Za-z0-9._-], neither "." nor "..".
bool IsDestinationId(std::string_view text);

}  // namespace snapledger::destinations
