#include "tests/faulty/buggy_parts.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_replace.h"
#include "services/base/log.h"
#include "services/dispatch/batch_builder.h"

namespace snapledger::faulty {
namespace {

using storage::AttemptOutcome;
using storage::ClaimDisposal;
using storage::ClaimResult;
using storage::DeliveryState;

// A worker claims, sends and records on one thread: what it claimed last.
struct Claimed {
  bool resend = false;
  std::optional<std::string> other_body;  // sent in place of the dispatcher's
};
thread_local Claimed claimed_here;

// Long enough that the reaper meets the attempt while its request is on its way.
constexpr absl::Duration kShortLease = absl::Milliseconds(100);

bool EncodesAgain(PlantedBug bug) {
  return bug == PlantedBug::kEventEncodedAgain || bug == PlantedBug::kIdMadeAgain;
}

std::string EncodedAgain(PlantedBug bug, const std::string& body) {
  const char* const id =
      bug == PlantedBug::kIdMadeAgain ? R"("event_id":"again-)" : R"("event_id": ")";
  return absl::StrReplaceAll(body, {{R"("event_id":")", id}});
}

class BuggyComposer final : public storage::BatchComposer {
 public:
  BuggyComposer(storage::BatchComposer& composer, PlantedBug bug)
      : composer_(composer), bug_(bug) {}

  absl::StatusOr<storage::ComposedBatch> Compose(const std::vector<storage::ClaimedSlice>& slices,
                                                 absl::Time database_now) override {
    std::vector<storage::ClaimedSlice> given = slices;
    if (bug_ == PlantedBug::kWindowIgnored) {
      for (storage::ClaimedSlice& slice : given) slice.first_sent_time.reset();
    }
    absl::StatusOr<storage::ComposedBatch> composed = composer_.Compose(given, database_now);
    if (!composed.ok()) return composed;
    claimed_here.resend =
        std::any_of(slices.begin(), slices.end(),
                    [](const storage::ClaimedSlice& slice) { return slice.doubted; });
    if (claimed_here.resend && EncodesAgain(bug_)) {
      const auto& builder = dynamic_cast<const dispatch::BatchBuilder&>(composer_);
      claimed_here.other_body = EncodedAgain(bug_, builder.body());
      composed->body_sha256 = dispatch::BodySha256(*claimed_here.other_body);
    }
    if (rolls_back && composed->event_count > 0) {
      NoteUncommitted(given, *composed);
      return absl::CancelledError("rolled back by a planted bug");
    }
    return composed;
  }

  bool rolls_back = false;
  // What would have been claimed where it was rolled back.
  std::optional<ClaimResult> uncommitted;

 private:
  void NoteUncommitted(const std::vector<storage::ClaimedSlice>& slices,
                       const storage::ComposedBatch& composed) {
    uncommitted = ClaimResult{.kind = ClaimResult::Kind::kBatch};
    uncommitted->batch.event_count = composed.event_count;
    for (const ClaimDisposal& disposal : composed.disposals) {
      if (disposal.kind != ClaimDisposal::Kind::kSend) continue;
      storage::ClaimedSlice slice = slices[disposal.slice];
      slice.key.first_position = disposal.part.first_position;
      slice.last_position = disposal.part.last_position;
      slice.event_count = disposal.part.event_count;
      uncommitted->batch.slices.push_back(std::move(slice));
    }
  }

  storage::BatchComposer& composer_;
  const PlantedBug bug_;
};

}  // namespace

absl::StatusOr<std::vector<storage::AppendedLot>> BuggyLedger::Append(
    absl::Span<const storage::NewLot> lots) {
  if (bug_ == PlantedBug::kLotDropped && ++appends_ == 3) {
    return std::vector<storage::AppendedLot>(lots.size());
  }
  auto appended = ledger_.Append(lots);
  if (bug_ == PlantedBug::kCountedTwice && appended.ok()) damage_.CountAppended(lots);
  return appended;
}

absl::StatusOr<std::vector<int32_t>> BuggyLedger::DueShards(absl::Span<const int32_t> shards) {
  return ledger_.DueShards(shards);
}

absl::StatusOr<ClaimResult> BuggyLedger::Claim(const storage::ClaimRequest& request,
                                               storage::BatchComposer& composer) {
  storage::ClaimRequest claim = request;
  if (bug_ == PlantedBug::kRateIgnored) claim.send_interval = absl::ZeroDuration();
  if (bug_ == PlantedBug::kReapedToPending) claim.lease = kShortLease;
  claimed_here = {};
  BuggyComposer buggy(composer, bug_);
  buggy.rolls_back = bug_ == PlantedBug::kSentWithoutIntent && !done_;
  auto claimed = ledger_.Claim(claim, buggy);
  if (buggy.uncommitted.has_value() && Once()) return *buggy.uncommitted;
  if (bug_ != PlantedBug::kFenceKept || !claimed.ok() ||
      claimed->kind != ClaimResult::Kind::kBatch) {
    return claimed;
  }
  damage_.LowerFences(claim);
  for (storage::ClaimedSlice& slice : claimed->batch.slices) --slice.fence;
  return claimed;
}

absl::StatusOr<std::optional<absl::Duration>> BuggyLedger::TakeTurn(int32_t shard,
                                                                    absl::Duration send_interval) {
  return ledger_.TakeTurn(shard, send_interval);
}

storage::RecordRequest BuggyLedger::Misread(const storage::RecordRequest& request) {
  storage::RecordRequest misread = request;
  const bool unknown = request.outcome == AttemptOutcome::kUnknown;
  if (bug_ == PlantedBug::kDoubtForgotten && unknown && !claimed_here.resend) {
    misread.to_state = DeliveryState::kPending;
  } else if (bug_ == PlantedBug::kDoubtDelivered && unknown) {
    misread.outcome = AttemptOutcome::kDelivered;
    misread.to_state = DeliveryState::kDelivered;
  } else if (bug_ == PlantedBug::kAcceptedAsRefused && !claimed_here.resend &&
             request.to_state == DeliveryState::kDelivered && Once()) {
    misread.outcome = AttemptOutcome::kRefused;
    misread.to_state = DeliveryState::kRejected;
  } else if (bug_ == PlantedBug::kSliceForgotten && unknown && Once()) {
    misread.next_attempt_in = absl::Hours(24 * 30);
  }
  return misread;
}

absl::StatusOr<storage::RecordResult> BuggyLedger::Record(const storage::RecordRequest& request) {
  const storage::RecordRequest misread = Misread(request);
  auto recorded = ledger_.Record(misread);
  if (!recorded.ok() || misread.to_state != DeliveryState::kDelivered) return recorded;
  if (bug_ == PlantedBug::kFinalStateChanged && Once()) damage_.CancelDelivered(misread);
  if (bug_ == PlantedBug::kSliceLost && Once()) damage_.LoseSlice(misread);
  if (bug_ == PlantedBug::kAuditEdited && Once()) damage_.EditAudit();
  return recorded;
}

absl::StatusOr<int> BuggyLedger::ReapLeases(int32_t shard) {
  auto reaped = ledger_.ReapLeases(shard);
  if (bug_ == PlantedBug::kReapedToPending && reaped.ok() && *reaped > 0) {
    damage_.ReapedToPending(shard);
  }
  return reaped;
}

base::Secret BuggySnapClient::TokenFor(const snap::SnapRequest& request) {
  if (bug_ != PlantedBug::kTokenOfAnother) return request.access_token;
  absl::MutexLock lock(&mutex_);
  if (first_token_.empty()) first_token_ = request.access_token;
  return first_token_;
}

snap::SnapReply BuggySnapClient::Send(const snap::SnapRequest& request) {
  snap::SnapRequest sent = request;
  sent.access_token = TokenFor(request);
  std::string body;
  if (claimed_here.other_body.has_value()) sent.body = *claimed_here.other_body;
  if (bug_ == PlantedBug::kBytesChanged && claimed_here.resend) {
    body = std::string(request.body) + " ";
    sent.body = body;
  }
  snap::SnapReply reply = snap_.Send(sent);
  const bool events = request.endpoint == snap::SnapRequest::Endpoint::kEvents;
  if (bug_ == PlantedBug::kSentTwice && events && reply.transport == snap::Transport::kBroken) {
    reply = snap_.Send(sent);
  }
  if (bug_ == PlantedBug::kRetryAfterIgnored) reply.retry_after.reset();
  if (bug_ == PlantedBug::kTokenLogged) {
    base::Log(base::Severity::kInfo, "sent", {{"token", sent.access_token.Reveal()}});
  }
  if (bug_ == PlantedBug::kBodyLogged && reply.http_status != 200) {
    base::Log(base::Severity::kWarning, "a request failed", {{"body", sent.body}});
  }
  return reply;
}

}  // namespace snapledger::faulty
