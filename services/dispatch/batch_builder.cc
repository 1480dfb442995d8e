#include "services/dispatch/batch_builder.h"

#include <openssl/evp.h>

#include <algorithm>
#include <utility>

#include "services/base/check.h"
#include "services/base/log.h"
#include "services/base/status_macros.h"
#include "services/dispatch/deadlines.h"
#include "services/dispatch/isolation.h"
#include "services/lots/slice_parts.h"
#include "services/snap/encode.h"

namespace snapledger::dispatch {
namespace {

using storage::ClaimDisposal;

// The slice as it is, without counting it anew.
ClaimDisposal WholeSlice(const storage::ClaimedSlice& slice, size_t index) {
  return {.kind = ClaimDisposal::Kind::kSend,
          .slice = index,
          .part = {.first_position = slice.key.first_position,
                   .last_position = slice.last_position,
                   .event_count = slice.event_count}};
}

void IsolateEachEvent(const storage::ClaimedSlice& slice, size_t index,
                      const std::vector<event::Frame>& frames, storage::ComposedBatch* composed) {
  const std::vector<int16_t> positions =
      lots::EventPositions(frames, slice.key.first_position, slice.last_position);
  int16_t first = slice.key.first_position;
  for (size_t i = 0; i < positions.size(); ++i) {
    // Empty frames go with the event before them.
    const int16_t last =
        i + 1 < positions.size() ? static_cast<int16_t>(positions[i + 1] - 1) : slice.last_position;
    composed->disposals.push_back({.kind = ClaimDisposal::Kind::kIsolate,
                                   .slice = index,
                                   .part = lots::MakePart(frames, first, last),
                                   .reason = "OWNERS_VANISHED"});
    first = static_cast<int16_t>(last + 1);
  }
}

int EventsToSend(const std::vector<ClaimDisposal>& disposals) {
  int count = 0;
  for (const ClaimDisposal& disposal : disposals) {
    if (disposal.kind == ClaimDisposal::Kind::kSend) count += disposal.part.event_count;
  }
  return count;
}

ClaimDisposal DisposalOf(SendVerdict verdict, bool doubted) {
  if (verdict == SendVerdict::kSend) return {.kind = ClaimDisposal::Kind::kSend};
  return {.kind = ClaimDisposal::Kind::kFinal,
          .final_state =
              doubted ? storage::DeliveryState::kExpiredInDoubt : storage::DeliveryState::kExpired,
          .reason = verdict == SendVerdict::kTooOld ? "TOO_OLD" : "WINDOW_CLOSED"};
}

}  // namespace

std::array<uint8_t, 32> BodySha256(std::string_view body) {
  std::array<uint8_t, 32> digest{};
  SNAPLEDGER_CHECK(
      EVP_Digest(body.data(), body.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1);
  return digest;
}

const std::vector<event::Frame>& BatchBuilder::FramesOf(int64_t lot_id) const {
  const auto open = open_.find(lot_id);
  SNAPLEDGER_CHECK(open != open_.end() && "the lot is not of this batch");
  return open->second->frames();
}

absl::Status BatchBuilder::Open(const storage::ClaimedSlice& slice) {
  if (open_.contains(slice.key.lot_id)) return absl::OkStatus();
  SNAPLEDGER_ASSIGN_OR_RETURN(
      std::shared_ptr<const lots::OpenLot> lot,
      lots::OpenLot::Open(envelope_, slice.payload, {.shard = shard_, .lot_id = slice.key.lot_id}));
  if (static_cast<int>(lot->frames().size()) <= slice.last_position) {
    return absl::DataLossError("the lot has fewer events than its row says");
  }
  open_.emplace(slice.key.lot_id, std::move(lot));
  return absl::OkStatus();
}

void BatchBuilder::DisposeByDeadline(const storage::ClaimedSlice& slice, size_t index,
                                     absl::Time now, storage::ComposedBatch* composed) {
  const std::vector<event::Frame>& frames = FramesOf(slice.key.lot_id);
  const std::vector<int16_t> positions =
      lots::EventPositions(frames, slice.key.first_position, slice.last_position);
  int16_t first = slice.key.first_position;
  for (size_t i = 0; i < positions.size(); ++i) {
    const auto verdict = [&](size_t at) {
      return MaySend(frames[positions[at]].header, slice.doubted, slice.first_sent_time, settings_,
                     now);
    };
    const bool is_last = i + 1 == positions.size();
    if (!is_last && verdict(i) == verdict(i + 1)) continue;
    const int16_t last = is_last ? slice.last_position : static_cast<int16_t>(positions[i + 1] - 1);
    ClaimDisposal disposal = DisposalOf(verdict(i), slice.doubted);
    disposal.slice = index;
    disposal.part = lots::MakePart(frames, first, last);
    composed->disposals.push_back(std::move(disposal));
    first = static_cast<int16_t>(last + 1);
  }
}

absl::Status BatchBuilder::Dispose(const std::vector<storage::ClaimedSlice>& slices, size_t index,
                                   absl::Time now, storage::ComposedBatch* composed) {
  const storage::ClaimedSlice& slice = slices[index];
  const absl::Status opened = Open(slice);
  if (absl::IsDataLoss(opened)) {
    base::Log(base::Severity::kError, "a lot cannot be read and is set aside",
              {{"shard", shard_}, {"lot", slice.key.lot_id}, {"error", opened.ToString()}});
    ClaimDisposal aside = WholeSlice(slice, index);
    aside.kind = ClaimDisposal::Kind::kSetAside;
    aside.reason = "PAYLOAD_UNREADABLE";
    composed->disposals.push_back(std::move(aside));
    return absl::OkStatus();
  }
  // A key that cannot be had just now is no fault of the lot: the claim is given up, nothing moves.
  if (!opened.ok()) return opened;
  const bool alone = slices.size() == 1 && slice.event_count == 1;
  if (slice.vanished_owners >= kVanishedOwnersMax && !alone) {
    IsolateEachEvent(slice, index, FramesOf(slice.key.lot_id), composed);
  } else if (WholeSliceMaySend(slice, settings_, now)) {
    composed->disposals.push_back(WholeSlice(slice, index));
  } else {
    DisposeByDeadline(slice, index, now, composed);
  }
  return absl::OkStatus();
}

void BatchBuilder::KeepEventLimit(const std::vector<storage::ClaimedSlice>& slices,
                                  storage::ComposedBatch* composed) const {
  const storage::IsolationStage stage = storage::LeastStage(slices);
  int room = std::min(settings_.max_events_per_request,
                      EventsToTest(stage, EventsToSend(composed->disposals)));
  const ClaimDisposal::Kind kind_of_rest = stage >= storage::IsolationStage::kHoldsRefused
                                               ? ClaimDisposal::Kind::kPark
                                               : ClaimDisposal::Kind::kLeave;
  std::vector<ClaimDisposal> kept;
  for (ClaimDisposal& disposal : composed->disposals) {
    if (disposal.kind != ClaimDisposal::Kind::kSend) {
      kept.push_back(std::move(disposal));
      continue;
    }
    const int events = disposal.part.event_count;
    if (room == 0) disposal.kind = kind_of_rest;
    if (room == 0 || events <= room) {
      room -= room == 0 ? 0 : events;
      kept.push_back(std::move(disposal));
      continue;
    }
    const std::vector<event::Frame>& frames = FramesOf(slices[disposal.slice].key.lot_id);
    const std::vector<int16_t> positions =
        lots::EventPositions(frames, disposal.part.first_position, disposal.part.last_position);
    const int16_t second = positions[room];
    kept.push_back({.kind = ClaimDisposal::Kind::kSend,
                    .slice = disposal.slice,
                    .part = lots::MakePart(frames, disposal.part.first_position,
                                           static_cast<int16_t>(second - 1))});
    kept.push_back({.kind = kind_of_rest,
                    .slice = disposal.slice,
                    .part = lots::MakePart(frames, second, disposal.part.last_position)});
    room = 0;
  }
  composed->disposals = std::move(kept);
}

std::string BatchBuilder::FrameBody(const std::vector<storage::ClaimedSlice>& slices,
                                    storage::ComposedBatch* composed) const {
  snap::RequestBody body;
  for (const ClaimDisposal& disposal : composed->disposals) {
    if (disposal.kind != ClaimDisposal::Kind::kSend) continue;
    const std::vector<event::Frame>& frames = FramesOf(slices[disposal.slice].key.lot_id);
    for (const int16_t position :
         lots::EventPositions(frames, disposal.part.first_position, disposal.part.last_position)) {
      body.Add(frames[position].json);
    }
  }
  composed->event_count = body.event_count();
  return std::move(body).Finish();
}

absl::StatusOr<storage::ComposedBatch> BatchBuilder::Compose(
    const std::vector<storage::ClaimedSlice>& slices, absl::Time database_now) {
  open_.clear();
  storage::ComposedBatch composed;
  for (size_t index = 0; index < slices.size(); ++index) {
    const absl::Status disposed = Dispose(slices, index, database_now, &composed);
    if (!disposed.ok()) return disposed;
  }
  KeepEventLimit(slices, &composed);
  body_ = FrameBody(slices, &composed);
  composed.body_sha256 = BodySha256(body_);
  return composed;
}

}  // namespace snapledger::dispatch
