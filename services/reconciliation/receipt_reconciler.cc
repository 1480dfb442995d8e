#include "services/reconciliation/receipt_reconciler.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "services/base/log.h"
#include "services/base/status_macros.h"
#include "services/snap/decode_stats.h"
#include "services/snap/redact.h"

namespace snapledger::reconciliation {
namespace {

using storage::ReceiptObservation;
using storage::ReceiptVerdict;

constexpr absl::Duration kConnectTimeout = absl::Seconds(3);
constexpr absl::Duration kTimeoutMax = absl::Seconds(10);
// One thread asks for all destinations.
constexpr absl::Duration kTurnPatience = absl::Seconds(10);
constexpr size_t kAnswerBytesMax = 1024;
// How far back looks count for an alert, in looks.
constexpr int kLooksMax = 12;

bool IsTokenRefused(const snap::SnapReply& reply) {
  return reply.http_status == 401 || reply.http_status == 403;
}

std::optional<snap::LiveStats> StatsOf(const snap::SnapReply& reply) {
  const bool complete = reply.transport == snap::Transport::kAnswered && reply.body_complete &&
                        !reply.body_truncated && reply.http_status == 200;
  return complete ? snap::DecodeLiveStats(reply.body) : std::nullopt;
}

bool IsAskable(const destinations::ActiveDestination& destination) {
  const storage::Destination& stored = destination.stored;
  return stored.pause_kind == storage::PauseKind::kNone && !stored.settings.test_mode &&
         stored.settings.max_requests_per_second * absl::ToDoubleSeconds(kTurnPatience) >= 1 &&
         !stored.shards.empty() && !destination.tokens.empty();
}

void LogChange(const std::string& destination_id, const ReceiptObservation* before,
               const ReceiptObservation& now) {
  const bool diverged = before != nullptr && before->diverging;
  if (now.diverging != diverged) {
    base::Log(now.diverging ? base::Severity::kError : base::Severity::kInfo,
              now.diverging ? "receipts diverge: Snap does not count what was delivered to it"
                            : "receipts no longer diverge",
              {{"destination", destination_id},
               {"expected", now.expected.delivered},
               {"reported", now.reported.value_or(-1)}});
  }
  const bool understood = before == nullptr || before->verdict != ReceiptVerdict::kNotUnderstood;
  if (now.verdict == ReceiptVerdict::kNotUnderstood && understood) {
    base::Log(base::Severity::kWarning, "Snap's count of receipts could not be read",
              {{"destination", destination_id}, {"http_status", now.http_status}});
  }
}

}  // namespace

void ReceiptReconciler::RunOnce() {
  for (const destinations::DestinationPtr& destination : dependencies_.directory.List()) {
    if (stop_.HasBeenNotified()) return;
    if (!IsAskable(*destination)) continue;
    const absl::Status looked = Look(*destination);
    if (looked.ok()) continue;
    base::Log(base::Severity::kWarning, "receipts could not be compared and will be again",
              {{"destination", destination->stored.destination_id}, {"error", looked.ToString()}});
  }
}

absl::Status ReceiptReconciler::Look(const destinations::ActiveDestination& destination) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const bool taken, dependencies_.receipts.TakeTurn(
                                                    destination.stored.number, options_.interval));
  if (!taken) return absl::OkStatus();
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::optional<snap::SnapReply> reply, Ask(destination));
  if (!reply.has_value()) return absl::OkStatus();
  return Keep(destination, *reply);
}

absl::StatusOr<std::optional<snap::SnapReply>> ReceiptReconciler::Ask(
    const destinations::ActiveDestination& destination) {
  const storage::DestinationSettings& settings = destination.stored.settings;
  std::optional<snap::SnapReply> reply;
  for (const destinations::ActiveDestination::Token& token : destination.tokens) {
    SNAPLEDGER_ASSIGN_OR_RETURN(
        const std::optional<absl::Duration> turn,
        dependencies_.ledger.TakeTurn(destination.stored.shards.front(),
                                      absl::Seconds(1 / settings.max_requests_per_second)));
    if (!turn.has_value() || *turn > kTurnPatience) break;
    if (stop_.WaitForNotificationWithTimeout(*turn)) break;
    reply = dependencies_.snap.Send({.endpoint = snap::SnapRequest::Endpoint::kStats,
                                     .asset_id = destination.stored.destination_id,
                                     .access_token = token.secret,
                                     .timeout = std::min(settings.request_timeout, kTimeoutMax),
                                     .connect_timeout = kConnectTimeout});
    if (!IsTokenRefused(*reply)) break;
  }
  return reply;
}

absl::Status ReceiptReconciler::Keep(const destinations::ActiveDestination& destination,
                                     const snap::SnapReply& reply) {
  const int32_t number = destination.stored.number;
  ReceiptObservation now = {
      .http_status = reply.http_status,
      .answer = snap::Redact(reply.body.empty() ? reply.error : reply.body, kAnswerBytesMax)};
  if (const std::optional<snap::LiveStats> stats = StatsOf(reply); stats.has_value()) {
    now.reported = stats->events_past_hour;
    now.latest_event_time = stats->latest_event_time;
  }
  SNAPLEDGER_ASSIGN_OR_RETURN(
      now.expected, dependencies_.receipts.Expected(destination.stored.shards, options_.interval));
  now.verdict = Judge(now.expected, now.reported, options_.rule);
  SNAPLEDGER_ASSIGN_OR_RETURN(
      const std::vector<ReceiptObservation> before,
      dependencies_.receipts.Latest(number, kLooksMax * options_.interval, kLooksMax));
  std::vector<ReceiptVerdict> verdicts = {now.verdict};
  for (const ReceiptObservation& observation : before) verdicts.push_back(observation.verdict);
  now.diverging = Diverges(verdicts, options_.rule);
  SNAPLEDGER_RETURN_IF_ERROR(dependencies_.receipts.Add(number, now));
  LogChange(destination.stored.destination_id, before.empty() ? nullptr : &before.front(), now);
  return absl::OkStatus();
}

}  // namespace snapledger::reconciliation
