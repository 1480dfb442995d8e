#pragma once

#include "storage/audit_detail.h"
#include "storage/destination_store.h"

namespace snapledger::storage {

// The settings that are not the same, each by its name in the API with what it was and what it is:
// {"test_mode":{"from":false,"to":true}}.
AuditDetail SettingsChanges(const DestinationSettings& before, const DestinationSettings& after);

}  // namespace snapledger::storage
