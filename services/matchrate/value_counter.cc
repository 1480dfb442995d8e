#include "services/matchrate/value_counter.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/time/clock.h"
#include "services/base/log.h"
#include "services/base/status_macros.h"
#include "services/matchrate/event_values.h"
#include "services/matchrate/utc_period.h"
#include "services/query/lot_reader.h"

namespace snapledger::matchrate {
namespace {

using storage::CountedPlace;
using storage::LotToCount;

// Of the time that counting took: at once, millions of events would leave the processors without
// rest for a minute, and what comes then waits longer for one, whoever goes first
// (docs/decisions/0044).
constexpr int kRestPerWork = 3;
constexpr absl::Duration kRestMax = absl::Seconds(1);

absl::StatusOr<DaySketches> ReadSketches(const std::vector<storage::ValueSketchRow>& rows) {
  DaySketches sketches;
  for (const storage::ValueSketchRow& row : rows) {
    SNAPLEDGER_ASSIGN_OR_RETURN(sketches[static_cast<event::IdentifierKind>(row.kind)],
                                ValueSketch::FromBytes(row.sketch));
  }
  return sketches;
}

std::vector<storage::ValueSketchRow> RowsOf(absl::Time day, DaySketches* sketches) {
  std::vector<storage::ValueSketchRow> rows;
  for (auto& [kind, sketch] : *sketches) {
    rows.push_back({.day = day, .kind = static_cast<int16_t>(kind), .sketch = sketch.ToBytes()});
  }
  return rows;
}

}  // namespace

void CountEvent(std::string_view snap_event, const security::BlindIndex& blind_index,
                DaySketches* sketches) {
  const std::optional<EventValues> read = ReadEventValues(snap_event);
  if (!read) return;
  std::optional<uint32_t> order;
  if (!read->order_id.empty()) {
    order = static_cast<uint32_t>(blind_index.CountedOrder(read->order_id));
  }
  std::vector<int64_t> keys;
  for (auto value = read->values.begin(); value != read->values.end();) {
    const event::IdentifierKind kind = value->kind;
    keys.clear();
    for (; value != read->values.end() && value->kind == kind; ++value) {
      keys.push_back(blind_index.CountedValue(kind, value->text));
    }
    (*sketches)[kind].AddEvent(keys, order);
  }
}

void ValueCounter::Stop() {
  absl::call_once(stop_once_, [this] { stop_.Notify(); });
}

void ValueCounter::RunOnce() {
  for (const destinations::DestinationPtr& destination : dependencies_.directory.List()) {
    for (const int32_t shard : destination->stored.shards) {
      if (stopping()) return;
      const absl::Status counted = CountShard(shard);
      if (counted.ok()) continue;
      base::Log(base::Severity::kWarning, "values could not be counted and will be tried again",
                {{"destination", destination->stored.destination_id},
                 {"shard", static_cast<int64_t>(shard)},
                 {"error", counted.ToString()}});
    }
  }
}

absl::Status ValueCounter::CountShard(int32_t shard) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::optional<storage::ValueTurn> turn,
                              dependencies_.store.TakeTurn(shard, options_.turn_interval));
  if (!turn) return absl::OkStatus();
  CountedPlace counted = turn->counted;
  for (int move = 0; move < options_.moves_max && !stopping(); ++move) {
    SNAPLEDGER_ASSIGN_OR_RETURN(const bool more, CountSome(shard, turn->settled_time, &counted));
    if (!more) break;
  }
  return absl::OkStatus();
}

void ValueCounter::Rest(absl::Time work_begin) const {
  stop_.WaitForNotificationWithTimeout(
      std::min((absl::Now() - work_begin) * kRestPerWork, kRestMax));
}

absl::StatusOr<bool> ValueCounter::CountSome(int32_t shard, absl::Time settled,
                                             CountedPlace* counted) {
  if (settled <= counted->received_time) return false;
  SNAPLEDGER_ASSIGN_OR_RETURN(
      std::vector<LotToCount> lots,
      dependencies_.store.LotsAfter(shard, *counted, settled, options_.lots_read_max));
  Counted some;
  std::vector<storage::ValueSketchRow> rows;
  if (lots.empty()) {
    some.through = {.received_time = settled, .lot_id = std::numeric_limits<int64_t>::max()};
  } else {
    const absl::Time day = StartOf(lots[0].place.received_time, kDay);
    SNAPLEDGER_ASSIGN_OR_RETURN(const storage::StoredValueSketches stored,
                                dependencies_.store.Read(shard, day, day + kDay));
    SNAPLEDGER_ASSIGN_OR_RETURN(some.sketches, ReadSketches(stored.rows));
    SNAPLEDGER_RETURN_IF_ERROR(CountDay(shard, settled, std::move(lots), &some));
    if (stopping()) return false;
    rows = RowsOf(day, &some.sketches);
  }
  SNAPLEDGER_ASSIGN_OR_RETURN(const bool moved,
                              dependencies_.store.Move(shard, *counted, some.through, rows));
  *counted = some.through;
  // Another process took a turn meanwhile: what was counted here is counted by it.
  return moved && some.more;
}

absl::Status ValueCounter::CountDay(int32_t shard, absl::Time settled, std::vector<LotToCount> lots,
                                    Counted* counted) {
  const absl::Time end = StartOf(lots[0].place.received_time, kDay) + kDay;
  int64_t bytes = 0;
  while (!stopping()) {
    const bool last = static_cast<int>(lots.size()) < options_.lots_read_max;
    for (auto begin = lots.begin(); begin != lots.end();) {
      int64_t open = 0;
      auto stop = begin;
      while (stop != lots.end() && stop->place.received_time < end &&
             (stop == begin || open + stop->json_bytes <= options_.open_bytes_max)) {
        open += stop->json_bytes;
        ++stop;
      }
      // What is left is of another day, or for the next transaction.
      if (stop == begin || bytes >= options_.move_bytes_max) {
        counted->more = true;
        return absl::OkStatus();
      }
      if (stopping()) return absl::OkStatus();
      const absl::Time work_begin = absl::Now();
      SNAPLEDGER_RETURN_IF_ERROR(
          CountLots(shard, absl::MakeConstSpan(&*begin, static_cast<size_t>(stop - begin)),
                    &counted->sketches));
      Rest(work_begin);
      counted->through = (stop - 1)->place;
      bytes += open;
      begin = stop;
    }
    if (last) {
      counted->through = {.received_time = settled, .lot_id = std::numeric_limits<int64_t>::max()};
      return absl::OkStatus();
    }
    SNAPLEDGER_ASSIGN_OR_RETURN(
        lots,
        dependencies_.store.LotsAfter(shard, counted->through, settled, options_.lots_read_max));
  }
  return absl::OkStatus();
}

absl::Status ValueCounter::CountLots(int32_t shard, absl::Span<const LotToCount> lots,
                                     DaySketches* sketches) {
  std::vector<int64_t> lot_ids;
  for (const LotToCount& lot : lots) lot_ids.push_back(lot.place.lot_id);
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::vector<storage::LotPayload> payloads,
                              dependencies_.listings.Payloads(shard, lot_ids));
  for (const storage::LotPayload& payload : payloads) {
    SNAPLEDGER_ASSIGN_OR_RETURN(
        const std::shared_ptr<const lots::OpenLot> lot,
        query::OpenOrMiss(dependencies_.envelope, payload.payload, {shard, payload.lot_id}));
    if (lot == nullptr) continue;
    for (const event::Frame& frame : lot->frames()) {
      if (!frame.empty()) CountEvent(frame.json, dependencies_.blind_index, sketches);
    }
  }
  return absl::OkStatus();
}

}  // namespace snapledger::matchrate
