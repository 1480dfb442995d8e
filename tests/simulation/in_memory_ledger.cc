#include "tests/simulation/in_memory_ledger.h"

#include <algorithm>
#include <utility>

#include "services/base/check.h"

namespace snapledger::simulation {
namespace {

using storage::AttemptOutcome;
using storage::ClaimDisposal;
using storage::DeliveryState;
using storage::IsolationStage;
using storage::Queue;

constexpr size_t kReapedAtOnce = 100;

// The CHECK constraints of `lot`.
absl::Status CheckRow(const MemorySlice& slice) {
  const bool waits = slice.queue != Queue::kNone;
  const bool pending = slice.state == DeliveryState::kPending;
  const bool in_doubt = slice.state == DeliveryState::kInDoubt;
  const bool doubted = slice.in_doubt_since.has_value();
  const bool forgets_doubt = doubted && (pending || slice.state == DeliveryState::kRejected ||
                                         slice.state == DeliveryState::kExpired ||
                                         slice.state == DeliveryState::kExhausted);
  const bool invents_doubt =
      !doubted && (in_doubt || slice.state == DeliveryState::kExpiredInDoubt);
  if (slice.key.first_position > slice.last_position) return absl::InternalError("positions");
  if (waits && !pending && !in_doubt) return absl::InternalError("waits in a queue");
  if ((slice.queue == Queue::kIsolated) != (slice.isolation_group.has_value() && waits)) {
    return absl::InternalError("isolation");
  }
  if (slice.state == DeliveryState::kInFlight &&
      (!slice.last_attempt_id.has_value() || !slice.lease_end_time.has_value())) {
    return absl::InternalError("in flight without an attempt");
  }
  if (slice.final_time.has_value() != IsFinal(slice.state))
    return absl::InternalError("final time");
  if (forgets_doubt || invents_doubt) return absl::InternalError("doubt is sticky");
  if (slice.late_success && slice.state != DeliveryState::kInFlight &&
      slice.state != DeliveryState::kDelivered) {
    return absl::InternalError("a late success is forgotten");
  }
  return absl::OkStatus();
}

storage::ClaimedSlice ToClaimed(const MemorySlice& row, const std::string& payload) {
  return {.key = row.key,
          .last_position = row.last_position,
          .event_count = row.event_count,
          .fence = row.fence,
          .doubted = row.state == DeliveryState::kInDoubt,
          .vanished_owners = row.vanished_owners,
          .definite_failures = row.definite_failures,
          .isolation_stage = row.isolation_stage,
          .first_sent_time = row.first_sent_time,
          .oldest_event_time = row.oldest_event_time,
          .payload = payload};
}

}  // namespace

void InMemoryLedger::AddShard(int32_t shard, int32_t destination_number) {
  gates_[shard].destination_number = destination_number;
  paces_.try_emplace(destination_number);
}

void InMemoryLedger::SetPaused(int32_t destination_number, bool paused) {
  for (auto& [shard, gate] : gates_) {
    if (gate.destination_number == destination_number) gate.paused = paused;
  }
}

const MemoryAttempt* InMemoryLedger::FindAttempt(const storage::Uuid& attempt_id) const {
  const auto found = attempts_.find(attempt_id);
  return found == attempts_.end() ? nullptr : &found->second;
}

const MemorySlice& InMemoryLedger::SliceAt(int32_t shard, int64_t lot_id, int16_t position) const {
  const auto after = slices_.upper_bound({shard, lot_id, position});
  SNAPLEDGER_CHECK(after != slices_.begin());
  return std::prev(after)->second;
}

absl::Status InMemoryLedger::Put(MemorySlice slice) {
  absl::Status valid = CheckRow(slice);
  const SliceKeyOfShard key = {slice.shard, slice.key.lot_id, slice.key.first_position};
  if (valid.ok()) slices_[key] = std::move(slice);
  return valid;
}

MemorySlice& InMemoryLedger::At(int32_t shard, const storage::SliceKey& key) {
  return slices_.at({shard, key.lot_id, key.first_position});
}

absl::StatusOr<std::vector<storage::AppendedLot>> InMemoryLedger::Append(
    absl::Span<const storage::NewLot> lots) {
  std::vector<storage::AppendedLot> answers;
  for (const storage::NewLot& lot : lots) {
    storage::AppendedLot& answer = answers.emplace_back();
    std::vector<bool> is_new(lot.events.size(), true);
    for (size_t i = 0; i < lot.events.size(); ++i) {
      const auto held = identities_.find({lot.shard, lot.events[i].event_key});
      if (held == identities_.end()) continue;
      is_new[i] = false;
      answer.held.push_back({static_cast<int>(i), held->second.content_digest});
    }
    if (answer.held.size() == lot.events.size()) continue;
    const int64_t lot_id = next_lot_id_++;
    absl::StatusOr<storage::LotContents> contents =
        lot.composer->Compose(lot.shard, lot_id, is_new);
    if (!contents.ok()) return contents.status();
    for (size_t i = 0; i < lot.events.size(); ++i) {
      if (!is_new[i]) continue;
      identities_[{lot.shard, lot.events[i].event_key}] = {lot.events[i].content_digest, lot_id,
                                                           static_cast<int16_t>(i)};
    }
    payloads_[{lot.shard, lot_id}] = std::move(contents->payload);
    MemorySlice slice = {.shard = lot.shard,
                         .key = {.lot_id = lot_id},
                         .last_position = static_cast<int16_t>(lot.events.size() - 1),
                         .event_count = contents->event_count,
                         .json_bytes = contents->json_bytes,
                         .next_attempt_time = now_(),
                         .received_time = now_(),
                         .oldest_event_time = contents->oldest_event_time,
                         .rollup = std::move(contents->rollup)};
    if (lot.suppressed) {
      slice.state = DeliveryState::kSuppressed;
      slice.queue = Queue::kNone;
      slice.final_time = now_();
    }
    if (absl::Status put = Put(std::move(slice)); !put.ok()) return put;
  }
  return answers;
}

std::vector<MemorySlice*> InMemoryLedger::InQueue(int32_t shard, Queue queue) {
  std::vector<MemorySlice*> rows;
  for (auto at = slices_.lower_bound({shard, 0, 0});
       at != slices_.end() && at->second.shard == shard; ++at) {
    if (at->second.queue == queue) rows.push_back(&at->second);
  }
  std::stable_sort(rows.begin(), rows.end(), [](const MemorySlice* a, const MemorySlice* b) {
    return a->next_attempt_time < b->next_attempt_time;
  });
  return rows;
}

absl::StatusOr<std::vector<int32_t>> InMemoryLedger::DueShards(absl::Span<const int32_t> shards) {
  std::vector<int32_t> due;
  for (const int32_t shard : shards) {
    for (const Queue queue : {Queue::kFresh, Queue::kDoubt, Queue::kIsolated}) {
      const std::vector<MemorySlice*> rows = InQueue(shard, queue);
      if (rows.empty() || rows.front()->next_attempt_time > now_()) continue;
      due.push_back(shard);
      break;
    }
  }
  return due;
}

InMemoryLedger::Locked InMemoryLedger::LockDue(const storage::ClaimRequest& request) {
  std::vector<MemorySlice*> waiting;
  for (const Queue queue : {Queue::kFresh, Queue::kDoubt, Queue::kIsolated}) {
    std::vector<MemorySlice*> rows = InQueue(request.shard, queue);
    if (rows.empty() || rows.front()->next_attempt_time > now_()) continue;
    if (waiting.empty() || rows.front()->next_attempt_time < waiting.front()->next_attempt_time) {
      waiting = std::move(rows);
    }
  }
  Locked locked;
  if (waiting.empty()) return locked;
  const MemorySlice& head = *waiting.front();
  locked.isolation_group = head.isolation_group;
  int64_t events = 0;
  int64_t bytes = 0;
  for (MemorySlice* const row : waiting) {
    if (head.queue == Queue::kIsolated) {
      const bool same = row->isolation_group == head.isolation_group &&
                        row->next_attempt_time == head.next_attempt_time;
      if (same) locked.rows.push_back(row);
      continue;
    }
    if (row->next_attempt_time > now_()) break;
    events += row->event_count;
    bytes += row->json_bytes;
    const bool fits = events <= request.events_max && bytes <= request.json_bytes_max;
    if (!locked.rows.empty() && !fits) break;
    locked.rows.push_back(row);
  }
  return locked;
}

void InMemoryLedger::Cut(int32_t shard, const storage::SliceKey& key,
                         const std::vector<storage::SlicePart>& parts) {
  if (parts.size() < 2) return;
  const MemorySlice whole = At(shard, key);
  for (const storage::SlicePart& part : parts) {
    MemorySlice row = whole;
    row.key.first_position = part.first_position;
    row.last_position = part.last_position;
    row.event_count = part.event_count;
    row.json_bytes = part.json_bytes;
    row.rollup = part.rollup;
    row.oldest_event_time = part.oldest_event_time;
    slices_[{shard, key.lot_id, part.first_position}] = std::move(row);
  }
}

void InMemoryLedger::AddTransition(const MemorySlice& slice, DeliveryState from_state,
                                   DeliveryState to_state, const std::string& reason) {
  transitions_.push_back({.shard = slice.shard,
                          .lot_id = slice.key.lot_id,
                          .first_position = slice.key.first_position,
                          .last_position = slice.last_position,
                          .time = now_(),
                          .from_state = from_state,
                          .to_state = to_state,
                          .event_count = slice.event_count,
                          .reason = reason});
}

absl::Status InMemoryLedger::Move(MemorySlice slice, DeliveryState to_state, Queue queue,
                                  std::optional<storage::Uuid> group, const std::string& reason) {
  const DeliveryState from_state = slice.state;
  slice.state = to_state;
  slice.queue = queue;
  slice.isolation_group = group;
  slice.state_reason = reason;
  slice.final_time = IsFinal(to_state) ? std::optional(now_()) : std::nullopt;
  if (from_state != to_state) AddTransition(slice, from_state, to_state, reason);
  return Put(std::move(slice));
}

absl::Status InMemoryLedger::ApplyDisposals(const storage::ClaimRequest& request,
                                            const Locked& locked,
                                            const std::vector<storage::ClaimedSlice>& claimed,
                                            const std::vector<ClaimDisposal>& disposals,
                                            std::vector<storage::ClaimedSlice>* to_send) {
  for (size_t i = 0; i < locked.rows.size(); ++i) {
    std::vector<storage::SlicePart> parts;
    for (const ClaimDisposal& disposal : disposals) {
      if (disposal.slice == i) parts.push_back(disposal.part);
    }
    Cut(request.shard, claimed[i].key, parts);
  }
  for (const ClaimDisposal& disposal : disposals) {
    const storage::SliceKey key = {claimed[disposal.slice].key.lot_id,
                                   disposal.part.first_position};
    MemorySlice& row = At(request.shard, key);
    absl::Status moved = absl::OkStatus();
    switch (disposal.kind) {
      case ClaimDisposal::Kind::kSend:
        to_send->push_back(ToClaimed(row, ""));
        break;
      case ClaimDisposal::Kind::kLeave:
        break;
      case ClaimDisposal::Kind::kPark:
        row.next_attempt_time = now_() + request.park_time;
        break;
      case ClaimDisposal::Kind::kFinal:
        moved = Move(row, disposal.final_state, Queue::kNone, std::nullopt, disposal.reason);
        break;
      case ClaimDisposal::Kind::kSetAside:
        moved = Move(row, row.state, Queue::kNone, std::nullopt, disposal.reason);
        break;
      case ClaimDisposal::Kind::kIsolate:
        moved = Move(row, row.state, Queue::kIsolated, make_uuid_(), disposal.reason);
        break;
    }
    if (!moved.ok()) return moved;
  }
  return absl::OkStatus();
}

void InMemoryLedger::WriteIntent(const storage::ClaimRequest& request,
                                 const storage::ComposedBatch& composed,
                                 std::vector<storage::ClaimedSlice>* to_send) {
  MemoryAttempt attempt = {
      .shard = request.shard,
      .attempt_id = request.attempt_id,
      .sent_time = now_(),
      .lease_end_time = now_() + request.lease,
      .from_state = to_send->front().doubted ? DeliveryState::kInDoubt : DeliveryState::kPending,
      .event_count = composed.event_count,
      .body_sha256 = composed.body_sha256,
      .token_id = request.token_id};
  for (storage::ClaimedSlice& slice : *to_send) {
    MemorySlice& row = At(request.shard, slice.key);
    attempt.slices.push_back(
        {slice.key, slice.last_position, slice.fence + 1, row.last_attempt_id});
    row.state = DeliveryState::kInFlight;
    row.queue = Queue::kNone;
    row.fence = ++slice.fence;
    row.last_attempt_id = request.attempt_id;
    row.lease_end_time = attempt.lease_end_time;
    if (!row.first_sent_time.has_value()) row.first_sent_time = now_();
    ++row.attempt_count;
  }
  attempt.sequence = next_sequence_++;
  attempts_[request.attempt_id] = std::move(attempt);
}

absl::Duration InMemoryLedger::Interval(const Gate& gate, absl::Duration send_interval) const {
  const double share = paces_.at(gate.destination_number).rate_share;
  return ignores_rate_share_ ? send_interval : send_interval / share;
}

std::optional<storage::BreakerState> InMemoryLedger::NotePace(const storage::RecordRequest& request,
                                                              const MemoryAttempt& attempt) {
  if (!request.pace_sign.has_value()) return std::nullopt;
  storage::Pace& pace = paces_.at(gates_.at(request.shard).destination_number);
  const storage::BreakerState before = pace.breaker;
  pace = storage::AfterAttempt(pace, *request.pace_sign, request.attempt_id, attempt.sent_time,
                               now_());
  if (pace.breaker == before) return std::nullopt;
  return pace.breaker;
}

absl::StatusOr<storage::ClaimResult> InMemoryLedger::Claim(const storage::ClaimRequest& request,
                                                           storage::BatchComposer& composer) {
  storage::ClaimResult result;
  Gate& gate = gates_.at(request.shard);
  storage::Pace& pace = paces_.at(gate.destination_number);
  const storage::PaceAtClaim seen = {
      .calm = pace.calm(), .breaker = pace.breaker, .openings = pace.openings};
  absl::Time opens =
      std::max(gate.last_send_time + Interval(gate, request.send_interval), gate.shut_until);
  const bool lets_all_pass = lets_all_pass_ && pace.breaker == storage::BreakerState::kHalfOpen;
  if (pace.breaker != storage::BreakerState::kClosed && !lets_all_pass) {
    opens = std::max(opens, pace.trial_time);
  }
  if (gate.paused || opens > now_()) {
    result.kind = storage::ClaimResult::Kind::kGateShut;
    result.gate_opens_in = gate.paused ? absl::InfiniteDuration() : opens - now_();
    return result;
  }
  const Locked locked = LockDue(request);
  if (locked.rows.empty()) return result;
  std::vector<storage::ClaimedSlice> claimed;
  for (const MemorySlice* const row : locked.rows) {
    claimed.push_back(ToClaimed(*row, payloads_.at({request.shard, row->key.lot_id})));
  }
  const absl::StatusOr<storage::ComposedBatch> composed = composer.Compose(claimed, now_());
  if (!composed.ok()) return composed.status();
  gate.last_send_time = now_();
  std::vector<storage::ClaimedSlice> to_send;
  const absl::Status applied =
      ApplyDisposals(request, locked, claimed, composed->disposals, &to_send);
  if (!applied.ok()) return applied;
  result.kind = storage::ClaimResult::Kind::kSettled;
  if (to_send.empty()) return result;
  WriteIntent(request, *composed, &to_send);
  attempts_.at(request.attempt_id).rate_share = pace.rate_share;
  if (pace.breaker != storage::BreakerState::kClosed) {
    if (pace.breaker == storage::BreakerState::kOpen) pace.breaker_change_time = now_();
    pace.breaker = storage::BreakerState::kHalfOpen;
    if (!lets_all_pass) {
      pace.trial_time = now_() + request.lease;
      pace.trial_attempt_id = request.attempt_id;
    }
  }
  IsolationStage stage = IsolationStage::kNamed;
  for (const storage::ClaimedSlice& slice : claimed) stage = std::min(stage, slice.isolation_stage);
  result.kind = storage::ClaimResult::Kind::kBatch;
  result.batch = {.slices = std::move(to_send),
                  .event_count = composed->event_count,
                  .isolation_group = locked.isolation_group,
                  .isolation_stage = stage,
                  .pace = seen};
  return result;
}

absl::StatusOr<std::optional<absl::Duration>> InMemoryLedger::TakeTurn(
    int32_t shard, absl::Duration send_interval) {
  Gate& gate = gates_.at(shard);
  const bool closed = paces_.at(gate.destination_number).breaker == storage::BreakerState::kClosed;
  if (gate.paused || !closed || gate.shut_until > now_()) return std::nullopt;
  gate.last_send_time = std::max(gate.last_send_time + Interval(gate, send_interval), now_());
  return gate.last_send_time - now_();
}

absl::Status InMemoryLedger::Reap(MemoryAttempt& attempt) {
  attempt.outcome = AttemptOutcome::kUnknown;
  attempt.verdict_source = storage::VerdictSource::kTimeout;
  attempt.to_state = DeliveryState::kInDoubt;
  attempt.recorded_time = now_();
  std::set<storage::Uuid> groups;
  for (const MemoryAttempt::Slice& sent : attempt.slices) {
    const MemorySlice& row = At(attempt.shard, sent.key);
    if (row.isolation_group.has_value()) groups.insert(*row.isolation_group);
  }
  if (const auto delivered = DeliverMarked(attempt); !delivered.ok()) return delivered.status();
  for (const MemoryAttempt::Slice& sent : attempt.slices) {
    MemorySlice row = At(attempt.shard, sent.key);
    if (row.state != DeliveryState::kInFlight || row.last_attempt_id != attempt.attempt_id) {
      continue;
    }
    if (row.isolation_group.has_value()) row.isolation_group = attempt.attempt_id;
    row.isolation_stage = std::min(row.isolation_stage, IsolationStage::kValidated);
    row.state = DeliveryState::kInDoubt;
    row.queue = QueueOf(row.state, row.isolation_group);
    if (!row.in_doubt_since.has_value()) row.in_doubt_since = now_();
    row.next_attempt_time = now_();
    row.lease_end_time.reset();
    ++row.vanished_owners;
    row.state_reason = "OWNER_VANISHED";
    if (absl::Status put = Put(std::move(row)); !put.ok()) return put;
  }
  for (MemorySlice* const row : InQueue(attempt.shard, Queue::kIsolated)) {
    if (row->next_attempt_time <= now_() || row->isolation_stage == IsolationStage::kUnknown ||
        !groups.contains(*row->isolation_group)) {
      continue;
    }
    row->isolation_stage = IsolationStage::kValidated;
    row->next_attempt_time = now_();
  }
  return absl::OkStatus();
}

std::vector<MemoryAttempt*> InMemoryLedger::EndedLeases(int32_t shard) {
  std::vector<MemoryAttempt*> ended;
  for (auto& [id, attempt] : attempts_) {
    const bool over = attempt.shard == shard && attempt.outcome == AttemptOutcome::kOpen &&
                      attempt.lease_end_time < now_();
    if (over) ended.push_back(&attempt);
  }
  std::sort(ended.begin(), ended.end(), [](const MemoryAttempt* a, const MemoryAttempt* b) {
    return a->sequence < b->sequence;
  });
  if (ended.size() > kReapedAtOnce) ended.resize(kReapedAtOnce);
  return ended;
}

absl::StatusOr<int> InMemoryLedger::ReapLeases(int32_t shard) {
  const std::vector<MemoryAttempt*> ended = EndedLeases(shard);
  for (MemoryAttempt* const attempt : ended) {
    if (absl::Status reaped = Reap(*attempt); !reaped.ok()) return reaped;
  }
  return static_cast<int>(ended.size());
}

int InMemoryLedger::ReapToPending(int32_t shard) {
  const std::vector<MemoryAttempt*> ended = EndedLeases(shard);
  for (MemoryAttempt* const attempt : ended) {
    attempt->outcome = AttemptOutcome::kNotSent;
    for (const MemoryAttempt::Slice& sent : attempt->slices) {
      MemorySlice& row = At(shard, sent.key);
      if (row.state != DeliveryState::kInFlight || row.last_attempt_id != attempt->attempt_id) {
        continue;
      }
      row.state = row.in_doubt_since ? DeliveryState::kInDoubt : DeliveryState::kPending;
      row.queue = QueueOf(row.state, row.isolation_group);
      row.next_attempt_time = now_();
    }
  }
  return static_cast<int>(ended.size());
}

void InMemoryLedger::ForgetLateSuccesses() {
  for (auto& [key, slice] : slices_) slice.late_success = false;
}

void InMemoryLedger::ReopenAttempt(const storage::RecordRequest& request) {
  MemoryAttempt& attempt = attempts_.at(request.attempt_id);
  if (attempt.outcome == AttemptOutcome::kOpen || attempt.outcome == request.outcome) return;
  attempt.outcome = AttemptOutcome::kOpen;
  for (const MemoryAttempt::Slice& sent : attempt.slices) {
    MemorySlice& row = At(attempt.shard, sent.key);
    row.state = DeliveryState::kInFlight;
    row.queue = Queue::kNone;
    row.fence = sent.fence;
    row.last_attempt_id = attempt.attempt_id;
    row.lease_end_time = attempt.lease_end_time;
    row.final_time.reset();
    // A first send that was reaped is taken for one that never was in doubt.
    if (attempt.from_state == DeliveryState::kPending) row.in_doubt_since.reset();
  }
}

}  // namespace snapledger::simulation
