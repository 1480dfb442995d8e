#include "services/operators/selection_reader.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "services/base/status_macros.h"
#include "storage/rollup.h"

namespace snapledger::operators {
namespace {

constexpr int kListedAtOnce = 1000;

// The events of a slice that have one of the names, by its rollup.
absl::StatusOr<int64_t> CountNamed(const storage::SliceRow& row,
                                   const std::vector<int32_t>& name_labels) {
  if (name_labels.empty()) return row.event_count;
  storage::Rollup rollup;
  SNAPLEDGER_RETURN_IF_ERROR(storage::AddPackedRollup(row.rollup, &rollup));
  int64_t event_count = 0;
  for (const auto& [key, count] : rollup) {
    if (std::find(name_labels.begin(), name_labels.end(), key.name_label) != name_labels.end()) {
      event_count += count;
    }
  }
  return event_count;
}

storage::ListingPlace PlaceOf(const storage::SliceRow& row) {
  return {row.received_time, row.key.lot_id, row.key.first_position};
}

// What is oldest is sent first: it is the next to grow too old.
void SortOldestFirst(std::vector<SelectedSlice>* slices) {
  std::sort(slices->begin(), slices->end(), [](const SelectedSlice& a, const SelectedSlice& b) {
    return std::make_pair(a.row.shard, PlaceOf(a.row)) <
           std::make_pair(b.row.shard, PlaceOf(b.row));
  });
}

void Add(SelectedSlice slice, int64_t events_max, SelectedEvents* selected) {
  selected->event_count += slice.event_count;
  if (selected->event_count > events_max) {
    selected->slices.clear();
  } else {
    selected->slices.push_back(std::move(slice));
  }
}

using SlicesByPlace = std::map<std::tuple<int32_t, int64_t, int16_t>, SelectedSlice>;

// Takes events that were named by id, those of a slice together. One that was cut off its slice
// between two readings is left alone, as all that changes meanwhile.
void TakeFound(OperatorAct act, const std::vector<storage::FoundEvent>& found,
               SlicesByPlace* slices) {
  for (const storage::FoundEvent& event : found) {
    if (!Concerns(act, event.slice)) continue;
    const storage::SliceKey& key = event.slice.key;
    const auto [entry, is_new] =
        slices->try_emplace({event.slice.shard, key.lot_id, key.first_position});
    SelectedSlice& slice = entry->second;
    if (is_new) slice.row = event.slice;
    if (event.position > slice.row.last_position) continue;
    slice.positions.push_back(event.position);
    ++slice.event_count;
  }
}

}  // namespace

absl::StatusOr<SelectedEvents> SelectionReader::Read(
    OperatorAct act, const destinations::ActiveDestination& destination,
    const EventSelection& selection, int64_t events_max) {
  SelectedEvents selected;
  if (!selection.keys.empty()) {
    SNAPLEDGER_RETURN_IF_ERROR(ReadIds(act, destination, selection, &selected));
    SortOldestFirst(&selected.slices);
    return selected;
  }
  for (const std::string& name : selection.event_names) {
    SNAPLEDGER_ASSIGN_OR_RETURN(const std::optional<int32_t> label,
                                labels_.Find(storage::LabelKind::kEventName, name));
    if (label.has_value()) selected.name_labels.push_back(*label);
  }
  // No event ever had one of the names.
  if (!selection.event_names.empty() && selected.name_labels.empty()) return selected;
  storage::SliceFilter filter = selection.filter;
  filter.name_labels = selected.name_labels;
  for (const int32_t shard : destination.stored.shards) {
    SNAPLEDGER_RETURN_IF_ERROR(ReadShard(act, shard, filter, events_max, &selected));
  }
  SortOldestFirst(&selected.slices);
  return selected;
}

absl::Status SelectionReader::ReadShard(OperatorAct act, int32_t shard,
                                        const storage::SliceFilter& filter, int64_t events_max,
                                        SelectedEvents* selected) {
  std::optional<storage::ListingPlace> before;
  while (true) {
    SNAPLEDGER_ASSIGN_OR_RETURN(storage::SlicePage page,
                                listing_.ListSlices(shard, filter, before, kListedAtOnce));
    const bool full = page.slices.size() == kListedAtOnce;
    if (full) before = PlaceOf(page.slices.back());
    if (page.stopped_at.has_value()) before = page.stopped_at;
    for (storage::SliceRow& row : page.slices) {
      if (!Concerns(act, row)) continue;
      SNAPLEDGER_ASSIGN_OR_RETURN(const int64_t event_count, CountNamed(row, filter.name_labels));
      Add({.row = std::move(row), .event_count = event_count}, events_max, selected);
    }
    if (!full && !page.stopped_at.has_value()) return absl::OkStatus();
  }
}

absl::Status SelectionReader::ReadIds(OperatorAct act,
                                      const destinations::ActiveDestination& destination,
                                      const EventSelection& selection, SelectedEvents* selected) {
  // An event is where it belongs or, recorded under a former lane count, in a shard further on; an
  // id that is known in both means the event where it belongs.
  SlicesByPlace slices;
  std::set<event::EventKey> missing(selection.keys.begin(), selection.keys.end());
  for (size_t place = 0; !missing.empty(); ++place) {
    std::map<int32_t, std::vector<event::EventKey>> keys_by_shard;
    for (const event::EventKey& key : missing) {
      const std::vector<int32_t> shards = destination.ShardsOf(key);
      if (place < shards.size()) keys_by_shard[shards[place]].push_back(key);
    }
    if (keys_by_shard.empty()) break;
    for (const auto& [shard, keys] : keys_by_shard) {
      SNAPLEDGER_ASSIGN_OR_RETURN(const std::vector<storage::FoundEvent> found,
                                  listing_.FindEvents(shard, keys));
      for (const storage::FoundEvent& event : found) missing.erase(event.event_key);
      TakeFound(act, found, &slices);
    }
  }
  for (auto& [place, slice] : slices) {
    std::sort(slice.positions.begin(), slice.positions.end());
    selected->event_count += slice.event_count;
    selected->slices.push_back(std::move(slice));
  }
  return absl::OkStatus();
}

}  // namespace snapledger::operators
