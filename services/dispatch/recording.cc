#include "services/dispatch/recording.h"

#include <algorithm>
#include <string_view>

namespace snapledger::dispatch {
namespace {

using storage::AttemptOutcome;
using storage::DeliveryState;
using storage::IsolationStage;
using storage::ParkedChange;

// What is back in its queue after a hold waits this long at least, so that the pause is in place.
constexpr absl::Duration kHoldGate = absl::Seconds(2);

void FillAnswer(const Decision& decision, storage::RecordRequest* request) {
  request->http_status = decision.http_status;
  request->snap_status = decision.snap_status;
  request->snap_reason = decision.snap_reason;
  request->error = decision.error;
  if (decision.http_status != 0) return;
  request->verdict_source = decision.verdict == Decision::Verdict::kDoubt
                                ? storage::VerdictSource::kTimeout
                                : storage::VerdictSource::kUnspecified;
}

void KeepWhole(const storage::ClaimedBatch& batch, storage::RecordRequest* request) {
  for (const storage::ClaimedSlice& slice : batch.slices) {
    request->slices.push_back({.key = slice.key, .fence = slice.fence});
  }
}

// `forget`: the refused event that the parked ones were suspected of holding is found.
void ReleaseParked(const storage::ClaimedBatch& batch, bool forget, ParkedChange::Due due,
                   storage::RecordRequest* request) {
  if (!batch.isolation_group.has_value()) return;
  request->parked = {.isolation_group = *batch.isolation_group,
                     .batch_stage = batch.isolation_stage,
                     .forget = forget,
                     .due = due};
}

void RefuseOne(const Decision& decision, const storage::ClaimedBatch& batch,
               storage::RecordRequest* request) {
  const Refusal refusal = RefusalOf(batch.slices[0]);
  request->outcome = AttemptOutcome::kRefused;
  request->definite_failure = !batch.slices[0].doubted;
  request->to_state = refusal.state;
  request->state_reason = refusal.reason;
  if (refusal.state == DeliveryState::kRejected &&
      decision.verdict == Decision::Verdict::kTooLarge) {
    request->state_reason = "TOO_LARGE_FOR_SNAP";
  }
  if (batch.isolation_stage == IsolationStage::kHoldsRefused) {
    request->verdict_source = storage::VerdictSource::kBisection;
  }
  ReleaseParked(batch, /*forget=*/true, ParkedChange::Due::kHighestStage, request);
  KeepWhole(batch, request);
}

void RefuseSeveral(const AttemptResult& result, const storage::ClaimedBatch& batch,
                   const FramesOf& frames_of, const std::function<storage::Uuid()>& make_uuid,
                   storage::RecordRequest* request) {
  request->outcome = AttemptOutcome::kRefused;
  request->state_reason = "ISOLATING";
  if (result.decision.verdict == Decision::Verdict::kTooLarge) {
    ReleaseParked(batch, /*forget=*/true, ParkedChange::Due::kHighestStage, request);
    request->slices = Halve(batch, frames_of, make_uuid(), make_uuid());
    return;
  }
  ReleaseParked(batch, /*forget=*/true, ParkedChange::Due::kNone, request);
  request->slices =
      Isolate(result.decision, result.validation, batch, frames_of,
              batch.isolation_group.has_value() ? *batch.isolation_group : make_uuid());
  request->shut_gate_for = result.validation.shut_gate_for;
}

void Refuse(const AttemptResult& result, const storage::ClaimedBatch& batch,
            const FramesOf& frames_of, const std::function<storage::Uuid()>& make_uuid,
            storage::RecordRequest* request) {
  if (batch.event_count == 1) {
    RefuseOne(result.decision, batch, request);
  } else {
    RefuseSeveral(result, batch, frames_of, make_uuid, request);
  }
}

// Nothing is known that was not before: the batch is back with what was parked beside it.
void PutBack(AttemptOutcome outcome, std::string_view reason, const storage::ClaimedBatch& batch,
             storage::RecordRequest* request) {
  request->outcome = outcome;
  request->state_reason = reason;
  if (batch.isolation_stage >= IsolationStage::kHoldsRefused) {
    ReleaseParked(batch, /*forget=*/false, ParkedChange::Due::kSameStage, request);
  }
  KeepWhole(batch, request);
}

void Doubt(const storage::ClaimedBatch& batch, const std::function<storage::Uuid()>& make_uuid,
           storage::RecordRequest* request) {
  request->outcome = AttemptOutcome::kUnknown;
  request->to_state = DeliveryState::kInDoubt;
  request->state_reason = "OUTCOME_UNKNOWN";
  ReleaseParked(batch, /*forget=*/true, ParkedChange::Due::kHighestStage, request);
  KeepWhole(batch, request);
  if (batch.isolation_stage < IsolationStage::kHoldsRefused) return;
  // What is parked may be fresh still, and a group is all fresh or all doubtful.
  const storage::Uuid group = make_uuid();
  for (size_t i = 0; i < batch.slices.size(); ++i) {
    const storage::ClaimedSlice& slice = batch.slices[i];
    request->slices[i].parts.push_back({.part = {.first_position = slice.key.first_position,
                                                 .last_position = slice.last_position,
                                                 .event_count = slice.event_count},
                                        .isolation_group = group,
                                        .isolation_stage = IsolationStage::kValidated});
  }
}

}  // namespace

storage::RecordRequest MakeRecording(const AttemptResult& result,
                                     const storage::ClaimRequest& claim,
                                     const storage::ClaimedBatch& batch, const FramesOf& frames_of,
                                     const std::function<storage::Uuid()>& make_uuid) {
  const Decision& decision = result.decision;
  storage::RecordRequest request;
  request.shard = claim.shard;
  request.attempt_id = claim.attempt_id;
  request.park_time = claim.park_time;
  FillAnswer(decision, &request);
  request.to_state = batch.slices[0].doubted ? DeliveryState::kInDoubt : DeliveryState::kPending;
  const absl::Duration asked_to_wait =
      std::max(result.retry_delay, decision.retry_after.value_or(absl::ZeroDuration()));
  switch (decision.verdict) {
    case Decision::Verdict::kDelivered:
      request.outcome = AttemptOutcome::kDelivered;
      request.to_state = DeliveryState::kDelivered;
      ReleaseParked(batch, /*forget=*/false, ParkedChange::Due::kHighestStage, &request);
      KeepWhole(batch, &request);
      break;
    case Decision::Verdict::kRefused:
    case Decision::Verdict::kTooLarge:
      Refuse(result, batch, frames_of, make_uuid, &request);
      break;
    case Decision::Verdict::kThrottled:
      PutBack(AttemptOutcome::kThrottled, "THROTTLED", batch, &request);
      request.shut_gate_for = asked_to_wait;
      break;
    case Decision::Verdict::kNotSent:
      PutBack(AttemptOutcome::kNotSent, "NOT_SENT", batch, &request);
      request.shut_gate_for = result.retry_delay;
      break;
    case Decision::Verdict::kHeld:
      PutBack(AttemptOutcome::kHeld, decision.another_token ? "TOKEN_REFUSED" : "DESTINATION_HELD",
              batch, &request);
      if (!decision.another_token) request.shut_gate_for = kHoldGate;
      break;
    case Decision::Verdict::kDoubt:
      Doubt(batch, make_uuid, &request);
      request.shut_gate_for = asked_to_wait;
      break;
  }
  return request;
}

}  // namespace snapledger::dispatch
