#include "services/query/list_events.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/base/check.h"
#include "services/base/status_macros.h"
#include "services/query/event_selection.h"
#include "services/query/event_status.h"
#include "services/query/lot_reader.h"

namespace snapledger::query {
namespace {

using storage::ListingPlace;
using storage::SliceRow;

// Lots are read together: as many as the page still needs, or where only some of a lot's events
// pass, at least the smaller of these; never more than the larger.
constexpr size_t kLotsAtOnceMin = 8;
constexpr size_t kLotsAtOnceMax = 64;

ListingPlace PlaceOf(const SliceRow& slice) {
  return {slice.received_time, slice.key.lot_id, slice.key.first_position};
}

std::string PlaceToText(const ListingPlace& place) {
  return absl::StrCat(absl::ToUnixMicros(place.received_time), ":", place.lot_id, ":",
                      place.position);
}

// Of a text made above: the token is authenticated.
std::optional<ListingPlace> PlaceFromText(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  int64_t micros = 0;
  int64_t lot_id = 0;
  int32_t position = 0;
  SNAPLEDGER_CHECK(parts.size() == 3 && absl::SimpleAtoi(parts[0], &micros) &&
                   absl::SimpleAtoi(parts[1], &lot_id) && absl::SimpleAtoi(parts[2], &position));
  return ListingPlace{absl::FromUnixMicros(micros), lot_id, static_cast<int16_t>(position)};
}

// The slices of a page's search, newest first, of all shards together.
struct MergedSlices {
  std::vector<SliceRow> slices;
  // As far back as every shard was searched; not set: to the end.
  std::optional<ListingPlace> searched_to;
};

absl::StatusOr<MergedSlices> FindSlices(storage::ListingStore& listings,
                                        const std::vector<int32_t>& shards,
                                        const storage::SliceFilter& filter,
                                        const std::optional<ListingPlace>& before, int limit) {
  MergedSlices merged;
  for (const int32_t shard : shards) {
    SNAPLEDGER_ASSIGN_OR_RETURN(storage::SlicePage page,
                                listings.ListSlices(shard, filter, before, limit));
    std::optional<ListingPlace> searched_to = page.stopped_at;
    if (page.slices.size() >= static_cast<size_t>(limit)) searched_to = PlaceOf(page.slices.back());
    if (searched_to.has_value() &&
        (!merged.searched_to.has_value() || *merged.searched_to < *searched_to)) {
      merged.searched_to = searched_to;
    }
    std::move(page.slices.begin(), page.slices.end(), std::back_inserter(merged.slices));
  }
  if (merged.searched_to.has_value()) {
    std::erase_if(merged.slices,
                  [&](const SliceRow& slice) { return PlaceOf(slice) < *merged.searched_to; });
  }
  std::sort(merged.slices.begin(), merged.slices.end(),
            [](const SliceRow& a, const SliceRow& b) { return PlaceOf(b) < PlaceOf(a); });
  return merged;
}

// Fills one page with the events of slices, newest first.
class PageFiller {
 public:
  PageFiller(const EventSelection& selection, LotReader& lots, labels::LabelCache& labels,
             std::optional<ListingPlace> before, int page_size, v1::ListEventsResponse* response)
      : selection_(selection),
        lots_(lots),
        labels_(labels),
        before_(before),
        page_size_(page_size),
        response_(*response) {}

  // The place of the last event where the page became full.
  absl::StatusOr<std::optional<ListingPlace>> Fill(const std::vector<SliceRow>& slices) {
    for (size_t begin = 0; begin < slices.size();) {
      const size_t end = ChunkEnd(slices, begin);
      const absl::Span<const SliceRow> chunk(slices.data() + begin, end - begin);
      SNAPLEDGER_RETURN_IF_ERROR(lots_.Read(chunk));
      for (const SliceRow& slice : chunk) {
        SNAPLEDGER_RETURN_IF_ERROR(AddSlice(slice));
        if (full()) return last_;
      }
      begin = end;
    }
    return std::nullopt;
  }

 private:
  bool full() const { return response_.events_size() >= page_size_; }

  size_t ChunkEnd(const std::vector<SliceRow>& slices, size_t begin) const {
    const size_t at_least = selection_.AsksForContent() ? kLotsAtOnceMin : 1;
    const int missing = page_size_ - response_.events_size();
    size_t end = begin;
    for (int events = 0; end < slices.size() && end - begin < kLotsAtOnceMax; ++end) {
      if (events >= missing && end - begin >= at_least) break;
      events += slices[end].event_count;
    }
    return end;
  }

  absl::Status AddSlice(const SliceRow& slice) {
    const lots::OpenLot* const lot = lots_.Find(slice.key.lot_id);
    if (lot == nullptr && selection_.AsksForContent()) return absl::OkStatus();
    // Where the events of an unreadable slice lie is not known, only how many there are.
    int last = lot == nullptr
                   ? slice.key.first_position + slice.event_count - 1
                   : std::min<int>(slice.last_position, static_cast<int>(lot->frames().size()) - 1);
    if (before_.has_value() && before_->lot_id == slice.key.lot_id) {
      last = std::min<int>(last, before_->position - 1);
    }
    for (int position = last; position >= slice.key.first_position && !full(); --position) {
      if (lot == nullptr) {
        UnreadableToProto(slice, response_.add_events());
      } else {
        SNAPLEDGER_ASSIGN_OR_RETURN(const bool added, AddEvent(slice, lot->frames()[position]));
        if (!added) continue;
      }
      last_ = {slice.received_time, slice.key.lot_id, static_cast<int16_t>(position)};
    }
    return absl::OkStatus();
  }

  absl::StatusOr<bool> AddEvent(const SliceRow& slice, const event::Frame& frame) {
    if (frame.empty() || !selection_.PassesHeader(frame.header)) return false;
    rapidjson::Document snap_event;
    snap_event.Parse(frame.json.data(), frame.json.size());
    if (!selection_.PassesContent(snap_event)) return false;
    EventTexts texts = TextsOf(snap_event);
    SNAPLEDGER_ASSIGN_OR_RETURN(texts.event_name, labels_.Text(frame.header.name_label));
    SNAPLEDGER_ASSIGN_OR_RETURN(texts.source, labels_.Text(frame.header.source_label));
    ToProto(slice, frame.header, texts, response_.add_events());
    return true;
  }

  const EventSelection& selection_;
  LotReader& lots_;
  labels::LabelCache& labels_;
  const std::optional<ListingPlace> before_;
  const int page_size_;
  v1::ListEventsResponse& response_;
  std::optional<ListingPlace> last_;
};

}  // namespace

absl::Status EventLister::List(const v1::ListEventsRequest& request,
                               v1::ListEventsResponse* response) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const destinations::DestinationPtr destination,
                              directory_.Find(request.destination()));
  SNAPLEDGER_ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  SNAPLEDGER_ASSIGN_OR_RETURN(const EventSelection selection,
                              ReadSelection(request, *destination, blind_index_, labels_));
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::string position,
                              page_tokens_.Read(selection.filter_text, request.page_token()));
  if (selection.nothing) return absl::OkStatus();
  const std::optional<ListingPlace> before = PlaceFromText(position);
  SNAPLEDGER_ASSIGN_OR_RETURN(
      const MergedSlices merged,
      FindSlices(listings_, destination->stored.shards, selection.slices, before, page_size));
  LotReader lots(listings_, envelope_);
  PageFiller filler(selection, lots, labels_, before, page_size, response);
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::optional<ListingPlace> full_at,
                              filler.Fill(merged.slices));
  for (v1::EventStatus& event : *response->mutable_events()) {
    event.set_destination(request.destination());
  }
  const std::optional<ListingPlace> go_on_at = full_at.has_value() ? full_at : merged.searched_to;
  if (go_on_at.has_value()) {
    response->set_next_page_token(page_tokens_.Make(selection.filter_text, PlaceToText(*go_on_at)));
  }
  return absl::OkStatus();
}

}  // namespace snapledger::query
