#include "services/dispatch/delivery_pass.h"

#include <algorithm>

#include "absl/cleanup/cleanup.h"
#include "absl/time/clock.h"
#include "services/base/log.h"
#include "services/dispatch/pace_sign.h"
#include "services/snap/decode.h"
#include "storage/random_uuid.h"

namespace snapledger::dispatch {
namespace {

constexpr absl::Duration kConnectTimeout = absl::Seconds(3);
// Beyond the request itself: composing, a slow database, recording.
constexpr absl::Duration kLeaseSlack = absl::Seconds(20);
// A claim older than this is given back unsent: the rate, a Retry-After and a pause were looked at
// when it was made, and the lease must outlast the request by far.
constexpr absl::Duration kClaimAgeMax = absl::Seconds(3);
// Of a validation: what the lease has beyond the request itself must outlast it.
constexpr absl::Duration kValidationTimeout = absl::Seconds(10);
constexpr absl::Duration kRecordTime = absl::Seconds(5);
// Beyond the lease: what is parked becomes due by itself only where its owner is gone.
constexpr absl::Duration kParkSlack = absl::Minutes(1);
constexpr absl::Duration kRecordRetry = absl::Milliseconds(500);
// Then the lane looks again whether it is to end.
constexpr absl::Duration kSlotPatience = absl::Seconds(1);

bool IsFailure(const Decision& decision) {
  switch (decision.verdict) {
    case Decision::Verdict::kThrottled:
    case Decision::Verdict::kNotSent:
    case Decision::Verdict::kDoubt:
      return true;
    default:
      return false;
  }
}

storage::ClaimRequest MakeClaim(const destinations::ActiveDestination& destination,
                                const TokenChoice::Token& token, int32_t shard) {
  const storage::DestinationSettings& settings = destination.stored.settings;
  return {.shard = shard,
          .events_max = settings.max_events_per_request,
          .lease = settings.request_timeout + kLeaseSlack,
          .send_interval = absl::Seconds(1 / settings.max_requests_per_second),
          .park_time = settings.request_timeout + kLeaseSlack + kParkSlack,
          .attempt_id = storage::RandomUuid(),
          .batch_id = storage::RandomUuid(),
          .token_id = token.token_id};
}

// Whether some of these tokens are not among those known before.
bool HasOthers(const std::vector<TokenChoice::Token>& tokens,
               const std::vector<TokenChoice::Token>& known) {
  return std::any_of(tokens.begin(), tokens.end(), [&known](const TokenChoice::Token& token) {
    return std::none_of(known.begin(), known.end(), [&token](const TokenChoice::Token& other) {
      return other.token_id == token.token_id;
    });
  });
}

// `last`: the request that opened it, with what it failed with; an HTTP status of 0: no answer.
void LogBreaker(const std::string& destination_id, storage::BreakerState state,
                const storage::RecordRequest& last = {}) {
  switch (state) {
    case storage::BreakerState::kClosed:
      base::Log(base::Severity::kInfo, "circuit breaker closed: Snap answers again",
                {{"destination", destination_id}});
      break;
    case storage::BreakerState::kOpen:
      base::Log(base::Severity::kWarning, "circuit breaker opened: requests fail in a row",
                {{"destination", destination_id},
                 {"http_status", last.http_status},
                 {"snap_reason", last.snap_reason},
                 {"error", last.error}});
      break;
    case storage::BreakerState::kHalfOpen:
      base::Log(base::Severity::kInfo, "circuit breaker half open: one request is tried",
                {{"destination", destination_id}});
      break;
  }
}

}  // namespace

void SendState::ShutUntil(absl::Duration monotonic) {
  absl::MutexLock lock(&mutex_);
  shut_until_ = std::max(shut_until_, monotonic);
}

absl::Duration SendState::ShutFor(absl::Duration monotonic) const {
  absl::MutexLock lock(&mutex_);
  return std::max(absl::ZeroDuration(), shut_until_ - monotonic);
}

DeliveryPass::Result DeliveryPass::RunOnce(const destinations::ActiveDestination& destination,
                                           int32_t shard, const OnClaimed& on_claimed) {
  const TokenChoice::Token* const token =
      state_.tokens().Choose(destination.tokens, dependencies_.clock.Monotonic());
  if (token == nullptr) return {.kind = Result::Kind::kWait, .wait = absl::Seconds(1)};
  if (!state_.slots().Take(destination.stored.settings.max_in_flight_requests, kSlotPatience)) {
    return {.kind = Result::Kind::kWait};
  }
  const absl::Cleanup release = [this] { state_.slots().Release(); };
  return ClaimAndSend(destination, *token, shard, on_claimed);
}

DeliveryPass::Result DeliveryPass::ClaimAndSend(const destinations::ActiveDestination& destination,
                                                const TokenChoice::Token& token, int32_t shard,
                                                const OnClaimed& on_claimed) {
  const absl::Duration claim_start = dependencies_.clock.Monotonic();
  const storage::ClaimRequest claim = MakeClaim(destination, token, shard);
  BatchBuilder builder(shard, dependencies_.envelope, destination.stored.settings);
  const absl::StatusOr<storage::ClaimResult> claimed = dependencies_.ledger.Claim(claim, builder);
  if (!claimed.ok()) {
    base::Log(base::Severity::kWarning, "claiming failed",
              {{"destination", destination.stored.destination_id},
               {"error", claimed.status().ToString()}});
    return {.kind = Result::Kind::kWait, .wait = absl::Seconds(1)};
  }
  switch (claimed->kind) {
    case storage::ClaimResult::Kind::kNothing:
      return {.kind = Result::Kind::kIdle};
    case storage::ClaimResult::Kind::kSettled:
      return {.kind = Result::Kind::kSettled};
    case storage::ClaimResult::Kind::kGateShut:
      return {.kind = Result::Kind::kWait, .wait = claimed->gate_opens_in};
    case storage::ClaimResult::Kind::kBatch:
      break;
  }
  const bool full_batch = 2 * claimed->batch.event_count >= claim.events_max;
  on_claimed({.full_batch = full_batch,
              .gather = !full_batch && !claimed->batch.isolation_group.has_value()});
  return SendClaimed(destination, token, claim, claimed->batch, builder, claim_start);
}

DeliveryPass::Result DeliveryPass::SendClaimed(const destinations::ActiveDestination& destination,
                                               const TokenChoice::Token& token,
                                               const storage::ClaimRequest& claim,
                                               const storage::ClaimedBatch& batch,
                                               const BatchBuilder& builder,
                                               absl::Duration claim_start) {
  if (batch.pace.breaker != storage::BreakerState::kClosed) {
    LogBreaker(destination.stored.destination_id, storage::BreakerState::kHalfOpen);
  }
  const std::optional<Decision> held_back = HoldBack(claim_start);
  if (held_back.has_value()) {
    Record(destination, claim, batch, builder,
           {.decision = *held_back, .retry_delay = *held_back->retry_after}, claim_start);
    return {.kind = Result::Kind::kSettled};
  }
  Decision decision = Send(destination, token, builder.body());
  decision.another_token = IsTokenRefused(decision) && TryAnotherToken(destination, token);
  Validation validation;
  if (MayValidate(claim, batch, decision, claim_start + claim.lease)) {
    validation = Validate(destination, token, builder.body(), batch.event_count);
  }
  Record(destination, claim, batch, builder,
         {.decision = decision, .validation = validation, .retry_delay = RetryDelay(decision)},
         claim_start);
  const bool held = decision.verdict == Decision::Verdict::kHeld && !decision.another_token;
  if (held) Hold(destination, decision);
  NoteTokenUse(destination, token, decision);
  return {.kind = Result::Kind::kSent};
}

std::optional<Decision> DeliveryPass::HoldBack(absl::Duration claim_start) const {
  const absl::Duration now = dependencies_.clock.Monotonic();
  const absl::Duration shut_for = state_.ShutFor(now);
  Decision held_back = {
      .verdict = Decision::Verdict::kNotSent, .held_back = true, .retry_after = shut_for};
  if (shut_for > absl::ZeroDuration()) {
    held_back.error = "held back: Snap asked to wait";
  } else if (now - claim_start > kClaimAgeMax) {
    held_back.error = "held back: too long after its claim";
  } else {
    return std::nullopt;
  }
  return held_back;
}

Decision DeliveryPass::Send(const destinations::ActiveDestination& destination,
                            const TokenChoice::Token& token, const std::string& body) {
  const storage::DestinationSettings& settings = destination.stored.settings;
  const absl::Duration start = dependencies_.clock.Monotonic();
  const snap::SnapReply reply =
      dependencies_.snap.Send({.endpoint = snap::SnapRequest::Endpoint::kEvents,
                               .asset_id = destination.stored.destination_id,
                               .access_token = token.secret,
                               .body = body,
                               .timeout = settings.request_timeout,
                               .connect_timeout = kConnectTimeout,
                               .gzip = settings.gzip_requests});
  Decision decision = Decide(reply, dependencies_.clock.Now());
  decision.elapsed = dependencies_.clock.Monotonic() - start;
  return decision;
}

bool DeliveryPass::MayValidate(const storage::ClaimRequest& claim,
                               const storage::ClaimedBatch& batch, const Decision& decision,
                               absl::Duration lease_end) {
  if (decision.verdict != Decision::Verdict::kRefused || batch.event_count < 2 ||
      batch.isolation_stage != storage::IsolationStage::kUnknown) {
    return false;
  }
  const absl::Duration latest_start = lease_end - kValidationTimeout - kRecordTime;
  if (dependencies_.clock.Monotonic() + claim.send_interval > latest_start) return false;
  const absl::StatusOr<std::optional<absl::Duration>> turn =
      dependencies_.ledger.TakeTurn(claim.shard, claim.send_interval);
  if (!turn.ok() || !turn->has_value()) return false;
  if (dependencies_.clock.Monotonic() + **turn > latest_start) return false;
  if (**turn > absl::ZeroDuration() && !dependencies_.wait(**turn)) return false;
  return state_.ShutFor(dependencies_.clock.Monotonic()) == absl::ZeroDuration();
}

Validation DeliveryPass::Validate(const destinations::ActiveDestination& destination,
                                  const TokenChoice::Token& token, const std::string& body,
                                  int event_count) {
  const storage::DestinationSettings& settings = destination.stored.settings;
  const snap::SnapReply reply =
      dependencies_.snap.Send({.endpoint = snap::SnapRequest::Endpoint::kValidate,
                               .asset_id = destination.stored.destination_id,
                               .access_token = token.secret,
                               .body = body,
                               .timeout = std::min(settings.request_timeout, kValidationTimeout),
                               .connect_timeout = kConnectTimeout,
                               .gzip = settings.gzip_requests});
  const Decision verdict = Decide(reply, dependencies_.clock.Now());
  Validation validation;
  if (verdict.verdict == Decision::Verdict::kRefused) {
    validation.refused = RefusedByValidation(snap::DecodeEventVerdicts(reply.body), event_count);
  } else if (verdict.verdict == Decision::Verdict::kThrottled || verdict.retry_after.has_value()) {
    validation.shut_gate_for = std::max(retry_policy_.Delay(1, random_),
                                        verdict.retry_after.value_or(absl::ZeroDuration()));
  }
  return validation;
}

bool DeliveryPass::TryAnotherToken(const destinations::ActiveDestination& destination,
                                   const TokenChoice::Token& refused) {
  const absl::Duration now = dependencies_.clock.Monotonic();
  if (state_.tokens().TryAnother(destination.tokens, refused.token_id, now)) return true;
  // Another process may have put a new one in its place, which is not known here yet.
  if (!dependencies_.directory.Refresh().ok()) return false;
  const auto current = dependencies_.directory.Find(destination.stored.destination_id);
  return current.ok() && HasOthers((*current)->tokens, destination.tokens);
}

absl::Duration DeliveryPass::RetryDelay(const Decision& decision) {
  // A short rest; what goes on for longer is for the rate and the breaker.
  return IsFailure(decision) ? retry_policy_.Delay(1, random_) : absl::ZeroDuration();
}

void DeliveryPass::Record(const destinations::ActiveDestination& destination,
                          const storage::ClaimRequest& claim, const storage::ClaimedBatch& batch,
                          const BatchBuilder& builder, const AttemptResult& result,
                          absl::Duration claim_start) {
  storage::RecordRequest request = MakeRecording(
      result, claim, batch,
      [&builder](int64_t lot_id) -> const std::vector<event::Frame>& {
        return builder.FramesOf(lot_id);
      },
      storage::RandomUuid);
  request.pace_sign =
      PaceSignOf(result.decision, batch.pace, destination.stored.settings.request_timeout,
                 retry_policy_.Delay(batch.pace.openings + 1, random_));
  if (request.shut_gate_for.has_value()) {
    state_.ShutUntil(dependencies_.clock.Monotonic() + *request.shut_gate_for);
  }
  WriteRecording(destination, request, claim_start + claim.lease);
}

void DeliveryPass::Hold(const destinations::ActiveDestination& destination,
                        const Decision& decision) {
  const absl::StatusOr<storage::Destination> paused = dependencies_.destinations.Pause(
      destination.stored.destination_id, storage::PauseKind::kHeld,
      decision.snap_reason.empty() ? decision.error : decision.snap_reason, kDispatcherActor);
  base::Log(base::Severity::kError, "the destination is held: Snap refuses the token or a setting",
            {{"destination", destination.stored.destination_id},
             {"http_status", decision.http_status},
             {"snap_reason", decision.snap_reason},
             {"paused", paused.ok()}});
}

void DeliveryPass::WriteRecording(const destinations::ActiveDestination& destination,
                                  const storage::RecordRequest& request,
                                  absl::Duration known_until) {
  // An outcome that is known is not given up for a database that is away; while the process stops,
  // only once the lease is over. Should it end before, the reaper makes doubt of it.
  bool stopping = false;
  while (true) {
    const absl::StatusOr<storage::RecordResult> result = dependencies_.ledger.Record(request);
    if (result.ok()) {
      if (!result->fence_held) {
        base::Log(base::Severity::kWarning, "an outcome came after its lease had ended",
                  {{"shard", request.shard}});
      }
      if (result->breaker_change.has_value()) {
        LogBreaker(destination.stored.destination_id, *result->breaker_change, request);
      }
      return;
    }
    base::Log(base::Severity::kError, "an outcome cannot be recorded yet",
              {{"shard", request.shard}, {"error", result.status().ToString()}});
    const bool repeatable = absl::IsUnavailable(result.status()) ||
                            absl::IsAborted(result.status()) ||
                            absl::IsDeadlineExceeded(result.status());
    if (!repeatable) return;
    if (stopping) absl::SleepFor(kRecordRetry);
    if (!stopping) stopping = !dependencies_.wait(kRecordRetry);
    if (stopping && dependencies_.clock.Monotonic() > known_until) return;
  }
}

void DeliveryPass::NoteTokenUse(const destinations::ActiveDestination& destination,
                                const TokenChoice::Token& token, const Decision& decision) {
  const bool success = decision.verdict == Decision::Verdict::kDelivered;
  if (!success && !IsTokenRefused(decision)) return;
  if (!state_.tokens().IsWorthNoting(token.token_id, success, dependencies_.clock.Monotonic())) {
    return;
  }
  const absl::Status noted =
      dependencies_.destinations.RecordTokenUse(destination.stored.number, token.token_id, success);
  // A token that was dropped while it was used is no fault.
  if (!noted.ok() && !absl::IsNotFound(noted)) {
    base::Log(base::Severity::kWarning, "the use of a token could not be noted",
              {{"destination", destination.stored.destination_id}, {"error", noted.ToString()}});
  }
}

}  // namespace snapledger::dispatch
