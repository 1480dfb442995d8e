#include "services/query/change_teller.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <utility>

#include "services/base/status_macros.h"
#include "services/query/event_status.h"
#include "services/query/transitions.h"

namespace snapledger::query {
namespace {

// Pieces that are looked up together.
constexpr size_t kPiecesTogether = 32;

v1::Transition TransitionOf(const storage::ChangeRow& change) {
  const absl::Time time = change.key.time;
  switch (change.key.kind) {
    case storage::ChangeKind::kReceived:
      return ReceiptTransition(change.to_state, time);
    case storage::ChangeKind::kSent:
      return SentTransition(change.from_state, time);
    case storage::ChangeKind::kRecorded:
      return OutcomeTransition(change.to_state, time, change.reason);
    case storage::ChangeKind::kTransition:
      break;
  }
  return OtherTransition(change.from_state, change.to_state, time, change.reason, change.actor);
}

absl::Span<const storage::SliceRow> SlicesOfLot(absl::Span<const storage::SliceRow> slices,
                                                int64_t lot_id) {
  const auto begin = std::lower_bound(
      slices.begin(), slices.end(), lot_id,
      [](const storage::SliceRow& slice, int64_t lot) { return slice.key.lot_id < lot; });
  const auto end = std::find_if(begin, slices.end(), [lot_id](const storage::SliceRow& slice) {
    return slice.key.lot_id != lot_id;
  });
  return slices.subspan(begin - slices.begin(), end - begin);
}

// The slice a position of the lot is in; `slices` are those of the lot, not empty.
const storage::SliceRow& SliceAt(absl::Span<const storage::SliceRow> slices, int position) {
  const auto after = std::upper_bound(
      slices.begin(), slices.end(), position,
      [](int at, const storage::SliceRow& slice) { return at < slice.key.first_position; });
  return after == slices.begin() ? *after : *(after - 1);
}

}  // namespace

void ChangeTeller::Take(int32_t shard, std::vector<storage::ChangeRow> changes) {
  shard_ = shard;
  changes_.assign(std::make_move_iterator(changes.begin()), std::make_move_iterator(changes.end()));
}

absl::Status ChangeTeller::Tell(size_t count_max, Messages* messages) {
  SNAPLEDGER_RETURN_IF_ERROR(FillPieces());
  const std::vector<int64_t> lot_ids = LotsToTell(count_max);
  if (lot_ids.empty()) return absl::OkStatus();
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::vector<storage::SliceRow> slices,
                              sources_.changes.SlicesOf(shard_, lot_ids));
  SNAPLEDGER_RETURN_IF_ERROR(lots_.Read(slices));
  for (const int64_t lot_id : lot_ids) {
    if (messages->size() >= count_max) break;
    const Slices of_lot = SlicesOfLot(slices, lot_id);
    const lots::OpenLot* const lot = lots_.Find(lot_id);
    bool whole = true;
    if (lot == nullptr) {
      TellUnreadable(of_lot, pieces_.front(), messages);
    } else {
      SNAPLEDGER_ASSIGN_OR_RETURN(whole,
                                  TellPiece(of_lot, *lot, count_max, &pieces_.front(), messages));
    }
    if (whole) pieces_.pop_front();
  }
  return absl::OkStatus();
}

// The lots of the next pieces that together hold about `count_max` events, a piece each, so that no
// more is opened than is told.
std::vector<int64_t> ChangeTeller::LotsToTell(size_t count_max) const {
  std::vector<int64_t> lot_ids;
  size_t events = 0;
  for (const Piece& piece : pieces_) {
    if (lot_ids.size() == kPiecesTogether || events >= count_max) break;
    const bool whole_lot = piece.change->key.kind == storage::ChangeKind::kReceived;
    const int last = whole_lot ? piece.change->last_position : piece.range.last_position;
    events += std::max(1, last - piece.range.first_position + 1);
    lot_ids.push_back(piece.range.lot_id);
  }
  return lot_ids;
}

absl::Status ChangeTeller::FillPieces() {
  while (!changes_.empty() && pieces_.size() < kPiecesTogether) {
    const auto change = std::make_shared<const storage::ChangeRow>(std::move(changes_.front()));
    changes_.pop_front();
    SNAPLEDGER_ASSIGN_OR_RETURN(const std::vector<storage::LotRange> ranges,
                                sources_.changes.EventsOf(shard_, *change));
    for (const storage::LotRange& range : ranges) pieces_.push_back({change, range});
  }
  return absl::OkStatus();
}

// True where the piece is told whole; else it begins where the telling stopped.
absl::StatusOr<bool> ChangeTeller::TellPiece(Slices slices, const lots::OpenLot& lot,
                                             size_t count_max, Piece* piece, Messages* messages) {
  const std::vector<event::Frame>& frames = lot.frames();
  const int end = std::min<int>(piece->range.last_position + 1, static_cast<int>(frames.size()));
  for (int position = piece->range.first_position; position < end; ++position) {
    const event::Frame& frame = frames[position];
    if (frame.empty()) continue;
    if (messages->size() >= count_max) {
      piece->range.first_position = static_cast<int16_t>(position);
      return false;
    }
    rapidjson::Document snap_event;
    EventTexts texts = TextsOf(snap_event.Parse(frame.json.data(), frame.json.size()));
    SNAPLEDGER_ASSIGN_OR_RETURN(texts.event_name, sources_.labels.Text(frame.header.name_label));
    SNAPLEDGER_ASSIGN_OR_RETURN(texts.source, sources_.labels.Text(frame.header.source_label));
    ToProto(SliceAt(slices, position), frame.header, texts, Add(*piece->change, messages));
  }
  return true;
}

// Which positions hold an event is not known any more, only how many do.
void ChangeTeller::TellUnreadable(Slices slices, const Piece& piece, Messages* messages) {
  for (const storage::SliceRow& slice : slices) {
    const int first = std::max(slice.key.first_position, piece.range.first_position);
    const int last = std::min(slice.last_position, piece.range.last_position);
    for (int i = 0; i < std::min(slice.event_count, last - first + 1); ++i) {
      UnreadableToProto(slice, Add(*piece.change, messages));
    }
  }
}

v1::EventStatus* ChangeTeller::Add(const storage::ChangeRow& change, Messages* messages) {
  v1::WatchEventsResponse& message = messages->emplace_back();
  *message.mutable_transition() = TransitionOf(change);
  message.mutable_event()->set_destination(destination_);
  return message.mutable_event();
}

}  // namespace snapledger::query
