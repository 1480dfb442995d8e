#include "services/dispatch/recording.h"

#include <algorithm>

#include "services/dispatch/isolation.h"

namespace snapledger::dispatch {
namespace {

using storage::AttemptOutcome;
using storage::DeliveryState;

// What is back in its queue after a hold waits this long at least, so that the pause is in place.
constexpr absl::Duration kHoldGate = absl::Seconds(5);

void FillAnswer(const Decision& decision, const storage::ClaimedBatch& batch,
                storage::RecordRequest* request) {
  request->http_status = decision.http_status;
  request->snap_status = decision.snap_status;
  request->snap_reason = decision.snap_reason;
  request->error = decision.error;
  if (decision.http_status == 0) {
    request->verdict_source = storage::VerdictSource::kTimeout;
  } else if (batch.isolated) {
    request->verdict_source = storage::VerdictSource::kBisection;
  }
}

void KeepWhole(const storage::ClaimedBatch& batch, storage::RecordRequest* request) {
  for (const storage::ClaimedSlice& slice : batch.slices) {
    request->slices.push_back({.key = slice.key, .fence = slice.fence});
  }
}

void FillRefusal(const Decision& decision, bool doubted, storage::RecordRequest* request) {
  request->outcome = AttemptOutcome::kRefused;
  request->definite_failure = true;
  request->to_state = doubted ? DeliveryState::kExpiredInDoubt : DeliveryState::kRejected;
  if (doubted) {
    request->state_reason = "REFUSED_AFTER_DOUBT";
  } else {
    request->state_reason =
        decision.verdict == Decision::Verdict::kTooLarge ? "TOO_LARGE_FOR_SNAP" : "REFUSED_BY_SNAP";
  }
}

}  // namespace

storage::RecordRequest MakeRecording(
    const Decision& decision, const storage::ClaimRequest& claim,
    const storage::ClaimedBatch& batch, absl::Duration retry_delay,
    const std::function<const std::vector<event::Frame>&(int64_t lot_id)>& frames_of,
    const std::function<storage::Uuid()>& make_uuid) {
  storage::RecordRequest request;
  request.shard = claim.shard;
  request.attempt_id = claim.attempt_id;
  FillAnswer(decision, batch, &request);
  const bool doubted = batch.slices[0].doubted;
  request.to_state = doubted ? DeliveryState::kInDoubt : DeliveryState::kPending;
  switch (decision.verdict) {
    case Decision::Verdict::kDelivered:
      request.outcome = AttemptOutcome::kDelivered;
      request.to_state = DeliveryState::kDelivered;
      break;
    case Decision::Verdict::kRefused:
    case Decision::Verdict::kTooLarge:
      if (batch.event_count == 1) {
        FillRefusal(decision, doubted, &request);
        break;
      }
      request.outcome = AttemptOutcome::kRefused;
      request.state_reason = "ISOLATING";
      request.slices = Bisect(batch, frames_of, make_uuid(), make_uuid());
      return request;
    case Decision::Verdict::kThrottled:
      request.outcome = AttemptOutcome::kThrottled;
      request.state_reason = "THROTTLED";
      request.shut_gate_for =
          std::max(retry_delay, decision.retry_after.value_or(absl::ZeroDuration()));
      break;
    case Decision::Verdict::kNotSent:
      request.outcome = AttemptOutcome::kNotSent;
      request.state_reason = "NOT_SENT";
      request.shut_gate_for = retry_delay;
      break;
    case Decision::Verdict::kHeld:
      request.outcome = AttemptOutcome::kHeld;
      request.state_reason = "DESTINATION_HELD";
      request.shut_gate_for = kHoldGate;
      break;
    case Decision::Verdict::kDoubt:
      request.outcome = AttemptOutcome::kUnknown;
      request.to_state = DeliveryState::kInDoubt;
      request.state_reason = "OUTCOME_UNKNOWN";
      request.shut_gate_for =
          std::max(retry_delay, decision.retry_after.value_or(absl::ZeroDuration()));
      break;
  }
  KeepWhole(batch, &request);
  return request;
}

}  // namespace snapledger::dispatch
