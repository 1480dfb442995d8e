#include "services/dispatch/batch_builder.h"

#include <openssl/evp.h>

#include <utility>

#include "services/base/check.h"
#include "services/base/log.h"
#include "services/dispatch/deadlines.h"
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
  for (const auto& open : open_) {
    if (open->lot_id == lot_id) return open->frames;
  }
  SNAPLEDGER_CHECK(false && "the lot is not of this batch");
  return open_.front()->frames;
}

absl::StatusOr<const BatchBuilder::OpenSlice*> BatchBuilder::Open(
    const storage::ClaimedSlice& slice) {
  for (const auto& open : open_) {
    if (open->lot_id == slice.key.lot_id) return open.get();
  }
  absl::StatusOr<std::string> raw_lot =
      envelope_.OpenLot(slice.payload, {.shard = shard_, .lot_id = slice.key.lot_id});
  auto open = std::make_unique<OpenSlice>();
  absl::Status status = raw_lot.status();
  if (raw_lot.ok()) {
    open->lot_id = slice.key.lot_id;
    open->raw_lot = *std::move(raw_lot);
    absl::StatusOr<std::vector<event::Frame>> frames = event::ParseLot(open->raw_lot);
    status = frames.status();
    if (frames.ok()) open->frames = *std::move(frames);
  }
  if (status.ok() && static_cast<int>(open->frames.size()) <= slice.last_position) {
    status = absl::DataLossError("the lot has fewer events than its row says");
  }
  if (!status.ok()) return status;
  open_.push_back(std::move(open));
  return open_.back().get();
}

void BatchBuilder::DisposeByDeadline(const storage::ClaimedSlice& slice, size_t index,
                                     absl::Time now, const OpenSlice& open,
                                     storage::ComposedBatch* composed) {
  const std::vector<int16_t> positions =
      lots::EventPositions(open.frames, slice.key.first_position, slice.last_position);
  int16_t first = slice.key.first_position;
  for (size_t i = 0; i < positions.size(); ++i) {
    const auto verdict = [&](size_t at) {
      return MaySend(open.frames[positions[at]].header, slice.doubted, slice.first_sent_time,
                     settings_, now);
    };
    const bool is_last = i + 1 == positions.size();
    if (!is_last && verdict(i) == verdict(i + 1)) continue;
    const int16_t last = is_last ? slice.last_position : static_cast<int16_t>(positions[i + 1] - 1);
    ClaimDisposal disposal = DisposalOf(verdict(i), slice.doubted);
    disposal.slice = index;
    disposal.part = lots::MakePart(open.frames, first, last);
    composed->disposals.push_back(std::move(disposal));
    first = static_cast<int16_t>(last + 1);
  }
}

absl::Status BatchBuilder::Dispose(const std::vector<storage::ClaimedSlice>& slices, size_t index,
                                   absl::Time now, storage::ComposedBatch* composed) {
  const storage::ClaimedSlice& slice = slices[index];
  const absl::StatusOr<const OpenSlice*> opened = Open(slice);
  if (absl::IsDataLoss(opened.status())) {
    base::Log(
        base::Severity::kError, "a lot cannot be read and is set aside",
        {{"shard", shard_}, {"lot", slice.key.lot_id}, {"error", opened.status().ToString()}});
    ClaimDisposal aside = WholeSlice(slice, index);
    aside.kind = ClaimDisposal::Kind::kSetAside;
    aside.reason = "PAYLOAD_UNREADABLE";
    composed->disposals.push_back(std::move(aside));
    return absl::OkStatus();
  }
  // A key that cannot be had just now is no fault of the lot: the claim is given up, nothing moves.
  if (!opened.ok()) return opened.status();
  const OpenSlice* const open = *opened;
  const bool alone = slices.size() == 1 && slice.event_count == 1;
  if (slice.vanished_owners >= kVanishedOwnersMax && !alone) {
    IsolateEachEvent(slice, index, open->frames, composed);
  } else if (WholeSliceMaySend(slice, settings_, now)) {
    composed->disposals.push_back(WholeSlice(slice, index));
  } else {
    DisposeByDeadline(slice, index, now, *open, composed);
  }
  return absl::OkStatus();
}

void BatchBuilder::KeepEventLimit(const std::vector<storage::ClaimedSlice>& slices,
                                  storage::ComposedBatch* composed) const {
  int room = settings_.max_events_per_request;
  std::vector<ClaimDisposal> kept;
  for (ClaimDisposal& disposal : composed->disposals) {
    if (disposal.kind != ClaimDisposal::Kind::kSend) {
      kept.push_back(std::move(disposal));
      continue;
    }
    const int events = disposal.part.event_count;
    if (room == 0) disposal.kind = ClaimDisposal::Kind::kLeave;
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
    kept.push_back({.kind = ClaimDisposal::Kind::kLeave,
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
