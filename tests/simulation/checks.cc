// The invariants of the protocol over the books of the simulation and what its Snap saw.

#include "absl/strings/str_cat.h"
#include "services/event/event_key.h"
#include "tests/simulation/world.h"

namespace snapledger::simulation {
namespace {

using storage::DeliveryState;

bool IsAllowed(DeliveryState from, DeliveryState to) {
  switch (from) {
    case DeliveryState::kPending:
      return to == DeliveryState::kExpired || to == DeliveryState::kExhausted ||
             to == DeliveryState::kPending;
    case DeliveryState::kInDoubt:
      return to == DeliveryState::kDelivered || to == DeliveryState::kExpiredInDoubt ||
             to == DeliveryState::kInDoubt;
    case DeliveryState::kInFlight:
      return to == DeliveryState::kRejected || to == DeliveryState::kExhausted ||
             to == DeliveryState::kExpiredInDoubt || to == DeliveryState::kDelivered;
    default:
      return false;
  }
}

bool EndsDoubtWrongly(const MemoryAttempt& attempt) {
  if (attempt.from_state != DeliveryState::kInDoubt) return false;
  return attempt.to_state == DeliveryState::kPending ||
         attempt.to_state == DeliveryState::kRejected ||
         attempt.to_state == DeliveryState::kExpired;
}

}  // namespace

// A success that is on record, late or not, ends the doubt about its events, unless they were final
// before.
void World::CheckLateSuccess(const MemoryAttempt& attempt) {
  if (attempt.late_outcome != storage::AttemptOutcome::kDelivered) return;
  for (const MemoryAttempt::Slice& sent : attempt.slices) {
    for (int16_t position = sent.key.first_position; position <= sent.last_position; ++position) {
      const MemorySlice& slice = ledger_.SliceAt(attempt.shard, sent.key.lot_id, position);
      const bool settled = slice.state == DeliveryState::kDelivered ||
                           slice.state == DeliveryState::kInFlight ||
                           (slice.final_time && *slice.final_time < *attempt.late_recorded_time);
      if (!settled) violations_.Add("I10 late success counts", "doubt outlived a success");
    }
  }
}

void World::CheckBooks() {
  int64_t stored = 0;
  for (const auto& [key, slice] : ledger_.slices()) {
    stored += slice.event_count;
    if (slice.state != DeliveryState::kInFlight) continue;
    const MemoryAttempt* const attempt = ledger_.FindAttempt(*slice.last_attempt_id);
    if (attempt == nullptr || attempt->outcome != storage::AttemptOutcome::kOpen) {
      violations_.Add("I3 one open attempt", "a slice is in flight without one");
    }
  }
  if (stored != static_cast<int64_t>(ledger_.identities().size())) {
    violations_.Add("I1 one row per event", "more or fewer events are stored than ids");
  }
  for (const auto& [id, attempt] : ledger_.attempts()) {
    if (EndsDoubtWrongly(attempt)) violations_.Add("I2 allowed moves", "doubt was forgotten");
    CheckLateSuccess(attempt);
    if (attempt.outcome != storage::AttemptOutcome::kOpen) continue;
    for (const MemoryAttempt::Slice& sent : attempt.slices) {
      const MemorySlice& slice =
          ledger_.SliceAt(attempt.shard, sent.key.lot_id, sent.key.first_position);
      if (slice.last_attempt_id != attempt.attempt_id || slice.fence != sent.fence) {
        violations_.Add("I3 one open attempt", "an open attempt does not own its slice");
      }
    }
  }
  for (const MemoryTransition& transition : ledger_.transitions()) {
    if (!IsAllowed(transition.from_state, transition.to_state)) {
      violations_.Add("I2 allowed moves", transition.reason);
    }
  }
}

void World::CheckEvent(const std::string& id) {
  const auto identity = ledger_.identities().find({kShard, event::MakeEventKey(id)});
  if (identity == ledger_.identities().end()) {
    violations_.Add("I1 acknowledged is stored", id);
    return;
  }
  const MemorySlice& slice =
      ledger_.SliceAt(kShard, identity->second.lot_id, identity->second.position);
  const auto found = snap_.events().find(id);
  const SnapWorld::EventLog log =
      found == snap_.events().end() ? SnapWorld::EventLog{} : found->second;
  const bool refused = snap_.refused_events.contains(id);
  if (slice.state == DeliveryState::kDelivered && !log.answered_valid) {
    violations_.Add("I10 delivered was answered", id);
  }
  if (log.taken && slice.state != DeliveryState::kDelivered &&
      slice.state != DeliveryState::kExpiredInDoubt) {
    violations_.Add("I11 taken is kept",
                    absl::StrCat(id, " in state ", static_cast<int>(slice.state)));
  }
  if (log.arrivals > slice.attempt_count) violations_.Add("I14 arrivals", id);
  if (slice.state == DeliveryState::kRejected && !refused) {
    violations_.Add("I11 rejected was refused", id);
  }
  if (slice.state == DeliveryState::kExpired &&
      slice.oldest_event_time + settings_.max_age_web > *slice.final_time) {
    violations_.Add("I11 expired was too old", id);
  }
}

void World::CheckEnd() {
  for (const std::string& id : acknowledged_) CheckEvent(id);
  if (ledger_.identities().size() > offered_.size()) {
    violations_.Add("I1 one row per event", "something is stored that nobody sent");
  }
}

}  // namespace snapledger::simulation
