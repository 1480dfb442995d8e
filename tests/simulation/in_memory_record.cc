// What an outcome changes.

#include <algorithm>
#include <utility>

#include "tests/simulation/in_memory_ledger.h"

namespace snapledger::simulation {

using storage::AttemptOutcome;
using storage::DeliveryState;
using storage::IsolationStage;
using storage::Queue;

void InMemoryLedger::ChangeParked(const storage::RecordRequest& request,
                                  const storage::ParkedChange& change) {
  std::vector<MemorySlice*> parked;
  int highest = 0;
  for (MemorySlice* const row : InQueue(request.shard, Queue::kIsolated)) {
    if (row->next_attempt_time <= now_() || row->isolation_group != change.isolation_group ||
        row->isolation_stage == IsolationStage::kUnknown) {
      continue;
    }
    if (change.forget) row->isolation_stage = IsolationStage::kValidated;
    highest = std::max(highest, static_cast<int>(row->isolation_stage));
    parked.push_back(row);
  }
  int due = 0;
  if (change.due == storage::ParkedChange::Due::kHighestStage) due = highest;
  if (change.due == storage::ParkedChange::Due::kSameStage) {
    due = static_cast<int>(change.batch_stage);
  }
  for (MemorySlice* const row : parked) {
    const bool is_due = static_cast<int>(row->isolation_stage) == due;
    row->next_attempt_time = is_due ? now_() : now_() + request.park_time;
  }
}

absl::Status InMemoryLedger::MovePart(const storage::RecordRequest& request,
                                      const storage::SliceOutcome& outcome,
                                      const storage::SliceOutcome::Part* part) {
  const int16_t first = part == nullptr ? outcome.key.first_position : part->part.first_position;
  MemorySlice row = At(request.shard, {outcome.key.lot_id, first});
  if (row.state != DeliveryState::kInFlight || row.last_attempt_id != request.attempt_id) {
    return absl::OkStatus();
  }
  row.vanished_owners = 0;
  row.lease_end_time.reset();
  if (part != nullptr && part->departure.has_value()) {
    const DeliveryState to_state = part->departure->to_state;
    const bool definite =
        to_state == DeliveryState::kRejected || to_state == DeliveryState::kExhausted;
    row.definite_failures = static_cast<int16_t>(row.definite_failures + (definite ? 1 : 0));
    return Move(std::move(row), part->departure->to_state, Queue::kNone, std::nullopt,
                part->departure->reason);
  }
  if (row.fence != outcome.fence) return absl::OkStatus();
  const bool waits =
      request.to_state == DeliveryState::kPending || request.to_state == DeliveryState::kInDoubt;
  if (part != nullptr) {
    row.isolation_group = part->isolation_group;
    row.isolation_stage = part->isolation_stage;
  }
  if (!waits) {
    row.isolation_group.reset();
    row.isolation_stage = IsolationStage::kUnknown;
  } else {
    const bool parked = part != nullptr && part->parked;
    row.next_attempt_time = now_() + (parked ? request.park_time : request.next_attempt_in);
  }
  row.state = request.to_state;
  row.queue = QueueOf(request.to_state, row.isolation_group);
  row.state_reason = request.state_reason;
  if (request.to_state == DeliveryState::kInDoubt && !row.in_doubt_since.has_value()) {
    row.in_doubt_since = now_();
  }
  if (request.to_state == DeliveryState::kPending) row.first_sent_time.reset();
  row.final_time = IsFinal(request.to_state) ? std::optional(now_()) : std::nullopt;
  row.definite_failures =
      static_cast<int16_t>(row.definite_failures + (request.definite_failure ? 1 : 0));
  return Put(std::move(row));
}

absl::Status InMemoryLedger::MoveTaken(const storage::RecordRequest& request,
                                       MemoryAttempt& attempt) {
  for (const storage::SliceOutcome& slice : request.slices) {
    std::vector<storage::SlicePart> parts;
    for (const storage::SliceOutcome::Part& part : slice.parts) {
      parts.push_back(part.part);
      if (part.departure.has_value()) attempt.left_count += part.part.event_count;
    }
    Cut(request.shard, slice.key, parts);
    absl::Status moved = absl::OkStatus();
    if (slice.parts.empty()) moved = MovePart(request, slice, nullptr);
    for (const storage::SliceOutcome::Part& part : slice.parts) {
      if (moved.ok()) moved = MovePart(request, slice, &part);
    }
    if (!moved.ok()) return moved;
  }
  return absl::OkStatus();
}

absl::Status InMemoryLedger::RecordLate(const storage::RecordRequest& request,
                                        MemoryAttempt& attempt) {
  if (!attempt.late_outcome.has_value()) {
    attempt.late_outcome = request.outcome;
    attempt.late_recorded_time = now_();
  }
  if (request.outcome != AttemptOutcome::kDelivered) return absl::OkStatus();
  for (const MemoryAttempt::Slice& sent : attempt.slices) {
    auto at = slices_.lower_bound({request.shard, sent.key.lot_id, sent.key.first_position});
    for (;
         at != slices_.end() && at->second.shard == request.shard &&
         at->second.key.lot_id == sent.key.lot_id && at->second.last_position <= sent.last_position;
         ++at) {
      MemorySlice& row = at->second;
      if (row.state == DeliveryState::kInFlight) row.late_success = true;
      if (row.state != DeliveryState::kInDoubt) continue;
      row.late_success = true;
      const absl::Status moved =
          Move(row, DeliveryState::kDelivered, Queue::kNone, std::nullopt, "LATE_ANSWER");
      if (!moved.ok()) return moved;
    }
  }
  return absl::OkStatus();
}

InMemoryLedger::Before InMemoryLedger::Remember(const storage::RecordRequest& request) const {
  Before before = {.attempt = attempts_.at(request.attempt_id),
                   .transition_count = transitions_.size()};
  for (const storage::SliceOutcome& slice : request.slices) {
    before.lot_ids.insert(slice.key.lot_id);
  }
  for (const auto& [key, slice] : slices_) {
    if (request.parked.has_value() && slice.shard == request.shard &&
        slice.isolation_group == request.parked->isolation_group) {
      before.lot_ids.insert(slice.key.lot_id);
    }
  }
  for (const auto& [key, slice] : slices_) {
    if (before.Holds(slice)) before.slices.emplace(key, slice);
  }
  return before;
}

void InMemoryLedger::RollBack(const Before& before) {
  attempts_[before.attempt.attempt_id] = before.attempt;
  transitions_.resize(before.transition_count);
  std::erase_if(slices_, [&](const auto& entry) { return before.Holds(entry.second); });
  slices_.insert(before.slices.begin(), before.slices.end());
}

absl::StatusOr<std::vector<storage::SliceKey>> InMemoryLedger::DeliverMarked(
    MemoryAttempt& attempt) {
  std::vector<storage::SliceKey> delivered;
  for (const MemoryAttempt::Slice& sent : attempt.slices) {
    MemorySlice row = At(attempt.shard, sent.key);
    const bool taken =
        row.state == DeliveryState::kInFlight && row.last_attempt_id == attempt.attempt_id;
    if (!taken || !row.late_success) continue;
    row.vanished_owners = 0;
    row.lease_end_time.reset();
    row.isolation_stage = IsolationStage::kUnknown;
    attempt.left_count += row.event_count;
    delivered.push_back(sent.key);
    const absl::Status moved =
        Move(std::move(row), DeliveryState::kDelivered, Queue::kNone, std::nullopt, "LATE_ANSWER");
    if (!moved.ok()) return moved;
  }
  return delivered;
}

absl::Status InMemoryLedger::RecordDoubt(storage::RecordRequest request, MemoryAttempt& attempt) {
  const absl::StatusOr<std::vector<storage::SliceKey>> delivered = DeliverMarked(attempt);
  if (!delivered.ok()) return delivered.status();
  if (!delivered->empty()) {
    std::erase_if(request.slices, [&delivered](const storage::SliceOutcome& slice) {
      return std::find(delivered->begin(), delivered->end(), slice.key) != delivered->end();
    });
    for (storage::SliceOutcome& slice : request.slices) {
      for (storage::SliceOutcome::Part& part : slice.parts) part.parked = false;
    }
    if (request.parked.has_value()) {
      request.parked->forget = true;
      request.parked->due = storage::ParkedChange::Due::kHighestStage;
    }
  }
  return RecordInTime(request, attempt);
}

absl::Status InMemoryLedger::RecordInTime(const storage::RecordRequest& request,
                                          MemoryAttempt& attempt) {
  if (request.parked.has_value()) ChangeParked(request, *request.parked);
  return MoveTaken(request, attempt);
}

absl::StatusOr<storage::RecordResult> InMemoryLedger::Record(
    const storage::RecordRequest& request) {
  const Before before = Remember(request);
  absl::StatusOr<storage::RecordResult> result = RecordRows(request);
  if (!result.ok()) RollBack(before);
  return result;
}

absl::StatusOr<storage::RecordResult> InMemoryLedger::RecordRows(
    const storage::RecordRequest& request) {
  storage::RecordResult result;
  MemoryAttempt& attempt = attempts_.at(request.attempt_id);
  absl::Status written = absl::OkStatus();
  if (attempt.outcome == AttemptOutcome::kOpen) {
    attempt.outcome = request.outcome;
    attempt.verdict_source = request.verdict_source;
    attempt.to_state = request.to_state;
    attempt.recorded_time = now_();
    const bool leaves_doubt = request.to_state == DeliveryState::kInDoubt ||
                              request.to_state == DeliveryState::kExpiredInDoubt;
    written = leaves_doubt ? RecordDoubt(request, attempt) : RecordInTime(request, attempt);
    result.breaker_change = NotePace(request, attempt);
  } else if (attempt.outcome != request.outcome ||
             attempt.verdict_source != request.verdict_source) {
    written = RecordLate(request, attempt);
    result.fence_held = false;
  }
  if (!written.ok()) return written;
  Gate& gate = gates_.at(request.shard);
  if (request.shut_gate_for.has_value()) {
    for (auto& [shard, other] : gates_) {
      if (other.destination_number != gate.destination_number) continue;
      other.shut_until = std::max(other.shut_until, now_() + *request.shut_gate_for);
    }
  }
  return result;
}

}  // namespace snapledger::simulation
