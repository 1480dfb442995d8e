#pragma once

#include <optional>

#include "storage/connection.h"
#include "storage/ledger.h"
#include "storage/pace.h"

namespace snapledger::storage {

// The gate of a shard and the pace of its destination, which every claim passes. All of it runs
// inside the caller's transaction; locks are taken in the order gate, pace, audit log, after those
// of slices.

// Takes the gate for a send now. Not set where a pause, the rate, a Retry-After or the breaker
// forbids one; where the breaker is not closed, the send has to be its trial (BeginTrial).
std::optional<PaceAtClaim> PassGate(Connection& connection, const ClaimRequest& request);

// How long until the gate may open; InfiniteDuration while paused.
absl::Duration GateOpensIn(Connection& connection, const ClaimRequest& request);

// Makes the attempt the trial of a breaker that is not closed; `pace` is what PassGate gave. False
// where another is. To be the last statement of the transaction.
bool BeginTrial(Connection& connection, const ClaimRequest& request, const PaceAtClaim& pace);

// Notes what an attempt tells of the pace; gives the state the breaker changed to. To be the last
// statement of the transaction.
std::optional<BreakerState> NotePace(Connection& connection, int32_t shard, const Uuid& attempt_id,
                                     const PaceSign& sign);

}  // namespace snapledger::storage
