#include "storage/gate.h"

#include <algorithm>
#include <string>

#include "storage/audit_detail.h"
#include "storage/audit_rows.h"
#include "storage/sql_error.h"

namespace snapledger::storage {
namespace {

// There are as many gates as lanes now, and each lets through its share of the rate: a shard of a
// lane beyond their number passes one of theirs.
constexpr Statement kPassGate = {
    "pass_gate",
    "update shard g set last_send_time = now()"
    " from shard s join destination d on d.destination_number = s.destination_number"
    " join pace p on p.destination_number = s.destination_number"
    " where s.shard = $1 and g.destination_number = s.destination_number"
    "   and g.lane = s.lane % d.lane_count and not g.paused"
    "   and g.last_send_time + $2 * (d.lane_count / p.rate_share) <= now()"
    "   and (p.breaker_state = 0 or p.trial_time <= now()) and not exists (select 1 from shard o"
    "     where o.destination_number = s.destination_number and o.shut_until > now())"
    " returning p.rate_share, p.breaker_state, p.failures, p.openings"};

constexpr Statement kGateOpensIn = {
    "gate_opens_in",
    "select g.paused, (extract(epoch from greatest("
    "   g.last_send_time + $2 * (d.lane_count / p.rate_share),"
    "   (select max(o.shut_until) from shard o where o.destination_number = s.destination_number),"
    "   case when p.breaker_state <> 0 then p.trial_time end, now()) - now()))::float8"
    " from shard s join destination d on d.destination_number = s.destination_number"
    " join pace p on p.destination_number = s.destination_number"
    " join shard g on g.destination_number = s.destination_number"
    "   and g.lane = s.lane % d.lane_count"
    " where s.shard = $1"};

constexpr Statement kBeginTrial = {
    "begin_trial",
    "update pace p set breaker_state = 2, trial_time = now() + $3, trial_attempt_id = $2,"
    "   breaker_change_time = case when p.breaker_state = 2 then p.breaker_change_time"
    "     else now() end"
    " from shard s join destination d on d.destination_number = s.destination_number"
    " where s.shard = $1 and p.destination_number = s.destination_number and p.breaker_state <> 0"
    "   and p.trial_time <= now()"
    " returning d.destination_id"};

constexpr Statement kLockPace = {
    "lock_pace",
    "select p.rate_share, p.rate_decrease_time, p.rate_increase_time, p.breaker_state,"
    "   p.breaker_change_time, p.failures, p.openings, p.trial_time, p.trial_attempt_id,"
    "   p.destination_number, d.destination_id, a.sent_time, now()"
    " from shard s join destination d on d.destination_number = s.destination_number"
    " join pace p on p.destination_number = s.destination_number"
    " join attempt a on a.shard = s.shard"
    " where s.shard = $1 and a.shard = $1 and a.attempt_id = $2 for update of p"};

constexpr Statement kUpdatePace = {
    "update_pace",
    "update pace set rate_share = $2, rate_decrease_time = $3, rate_increase_time = $4,"
    "   breaker_state = $5, breaker_change_time = $6, failures = $7, openings = $8,"
    "   trial_time = $9, trial_attempt_id = $10"
    " where destination_number = $1"};

Pace ReadPace(const Result& row) {
  return {.rate_share = row.Float8(0, 0),
          .rate_decrease_time = row.Time(0, 1),
          .rate_increase_time = row.Time(0, 2),
          .breaker = static_cast<BreakerState>(row.Int2(0, 3)),
          .breaker_change_time = row.Time(0, 4),
          .failures = row.Int4(0, 5),
          .openings = row.Int4(0, 6),
          .trial_time = row.Time(0, 7),
          .trial_attempt_id = row.OptionalUuid(0, 8)};
}

void WritePace(Connection& connection, int32_t destination_number, const Pace& pace) {
  connection.Execute(kUpdatePace, Parameters()
                                      .Int4(destination_number)
                                      .Float8(pace.rate_share)
                                      .Time(pace.rate_decrease_time)
                                      .Time(pace.rate_increase_time)
                                      .Int2(static_cast<int16_t>(pace.breaker))
                                      .Time(pace.breaker_change_time)
                                      .Int4(pace.failures)
                                      .Int4(pace.openings)
                                      .Time(pace.trial_time)
                                      .OptionalUuid(pace.trial_attempt_id));
}

std::string DetailOf(BreakerState state, const Pace& pace, absl::Time now) {
  AuditDetail detail;
  switch (state) {
    case BreakerState::kClosed:
      detail.Text("reason", "Snap answered the trial");
      break;
    case BreakerState::kOpen:
      detail.Text("reason", pace.openings > 1 ? "the trial failed" : "failures in a row")
          .Count("opening", pace.openings)
          .Number("seconds", absl::ToDoubleSeconds(pace.trial_time - now));
      break;
    case BreakerState::kHalfOpen:
      detail.Text("reason", "one request is tried");
      break;
  }
  return detail.json();
}

void AuditBreaker(Connection& connection, const std::string& destination_id, BreakerState state,
                  const std::string& detail_json) {
  const char* action = "CloseCircuitBreaker";
  if (state == BreakerState::kOpen) action = "OpenCircuitBreaker";
  if (state == BreakerState::kHalfOpen) action = "HalfOpenCircuitBreaker";
  AppendAuditEntry(connection, {.actor = "dispatcher",
                                .action = action,
                                .target = destination_id,
                                .detail_json = detail_json});
}

}  // namespace

std::optional<PaceAtClaim> PassGate(Connection& connection, const ClaimRequest& request) {
  const Result gate = connection.Execute(
      kPassGate, Parameters().Int4(request.shard).Interval(request.send_interval));
  if (gate.row_count() == 0) return std::nullopt;
  const Pace pace = {.rate_share = gate.Float8(0, 0),
                     .breaker = static_cast<BreakerState>(gate.Int2(0, 1)),
                     .failures = gate.Int4(0, 2),
                     .openings = gate.Int4(0, 3)};
  return PaceAtClaim{.calm = pace.calm(), .breaker = pace.breaker, .openings = pace.openings};
}

absl::Duration GateOpensIn(Connection& connection, const ClaimRequest& request) {
  const Result row = connection.Execute(
      kGateOpensIn, Parameters().Int4(request.shard).Interval(request.send_interval));
  if (row.row_count() == 0) throw StatusError(absl::NotFoundError("no such shard"));
  if (row.Bool(0, 0)) return absl::InfiniteDuration();
  return std::max(absl::ZeroDuration(), absl::Seconds(row.Float8(0, 1)));
}

bool BeginTrial(Connection& connection, const ClaimRequest& request, const PaceAtClaim& pace) {
  const Result begun = connection.Execute(
      kBeginTrial,
      Parameters().Int4(request.shard).UuidValue(request.attempt_id).Interval(request.lease));
  if (begun.row_count() == 0) return false;
  // A trial whose owner vanished is repeated: that is no change.
  if (pace.breaker == BreakerState::kOpen) {
    AuditBreaker(connection, begun.Text(0, 0), BreakerState::kHalfOpen,
                 DetailOf(BreakerState::kHalfOpen, {}, {}));
  }
  return true;
}

std::optional<BreakerState> NotePace(Connection& connection, int32_t shard, const Uuid& attempt_id,
                                     const PaceSign& sign) {
  const Result row = connection.Execute(kLockPace, Parameters().Int4(shard).UuidValue(attempt_id));
  if (row.row_count() == 0) return std::nullopt;
  const Pace before = ReadPace(row);
  const absl::Time now = row.Time(0, 12);
  const Pace after = AfterAttempt(before, sign, attempt_id, row.Time(0, 11), now);
  if (after == before) return std::nullopt;
  WritePace(connection, row.Int4(0, 9), after);
  if (after.breaker == before.breaker) return std::nullopt;
  AuditBreaker(connection, row.Text(0, 10), after.breaker, DetailOf(after.breaker, after, now));
  return after.breaker;
}

}  // namespace snapledger::storage
