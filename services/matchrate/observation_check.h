#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "snapledger/v1/admin_service.pb.h"
#include "storage/observation_store.h"

namespace snapledger::matchrate {

// What is stored of an observation a caller gave, its id, recorder and time of recording left for
// the caller to set. INVALID_ARGUMENT names every wrong field: no window or one that is inverted or
// ends after `now`, counts that cannot be, unknown or repeated kinds, texts out of bounds, no
// evidence. Pure.
absl::StatusOr<storage::MatchObservationRow> CheckObservation(
    const v1::MatchObservation& observation, absl::Time now);

}  // namespace snapledger::matchrate
