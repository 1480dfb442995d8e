#include "storage/slice_search.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "storage/rollup.h"

namespace snapledger::storage {
namespace {

// The most rows a walk looks at: what a page may cost.
constexpr int kWalkedMax = 5000;
// The most slices of a kind that are collected and sorted; where there are more, they are found by
// walking.
constexpr int kCollectedMax = 5000;
// Rows whose labels are looked at together.
constexpr int kLabelChunk = 500;

// Each walk gives the rows that pass, and the last one it looked at ($7 is how many that are), so
// that it can be gone on with. The row comparison is what ends a page; the plain one beside it is
// what an index answers.
constexpr Statement kWalkReceived = {
    "walk_received",
    "select received_time, lot_id, first_position, rollup, passes, place = $7 from ("
    "   select received_time, lot_id, first_position, rollup,"
    "     cardinality($9::smallint[]) = 0 or state = any ($9) as passes,"
    "     row_number() over (order by received_time desc, lot_id desc, first_position desc)"
    "       as place"
    "   from lot where shard = $1 and received_time >= $2 and received_time < $3"
    "     and received_time <= $4 and (received_time, lot_id, first_position) < ($4, $5, $6)"
    "   order by received_time desc, lot_id desc, first_position desc limit $7) walked"
    " where passes or place = $7"
    " order by received_time desc, lot_id desc, first_position desc limit $8"};

constexpr Statement kWalkExceptional = {
    "walk_exceptional",
    "select received_time, lot_id, first_position, rollup, true, place = $7 from ("
    "   select received_time, lot_id, first_position, rollup,"
    "     row_number() over (order by received_time desc, lot_id desc, first_position desc)"
    "       as place"
    "   from lot where shard = $1 and exceptional_state = $9 and received_time >= $2"
    "     and received_time < $3 and received_time <= $4"
    "     and (received_time, lot_id, first_position) < ($4, $5, $6)"
    "   order by received_time desc, lot_id desc, first_position desc limit $7) walked"
    " order by received_time desc, lot_id desc, first_position desc limit $8"};

// The lateral join keeps the plan a probe per lot found, whatever the statistics say.
constexpr Statement kWalkLookup = {
    "walk_lookup",
    "with held as materialized (select lot_id from lot_lookup where shard = $1 and $10 = any "
    "(keys))"
    " select received_time, lot_id, first_position, rollup, passes, place = $7 from ("
    "   select l.received_time, l.lot_id, l.first_position, l.rollup,"
    "     cardinality($9::smallint[]) = 0 or l.state = any ($9) as passes,"
    "     row_number() over (order by l.received_time desc, l.lot_id desc, l.first_position desc)"
    "       as place"
    "   from held cross join lateral (select received_time, lot_id, first_position, rollup, state"
    "     from lot where shard = $1 and lot_id = held.lot_id limit 2000) l"
    "   where l.received_time >= $2 and l.received_time < $3"
    "     and (l.received_time, l.lot_id, l.first_position) < ($4, $5, $6)"
    "   order by l.received_time desc, l.lot_id desc, l.first_position desc limit $7) walked"
    " where passes or place = $7"
    " order by received_time desc, lot_id desc, first_position desc limit $8"};

// A collection gives how many slices it holds ($7 at most) beside those that pass.
constexpr Statement kCollectWaiting = {
    "collect_waiting",
    "with waiting as materialized ("
    "   select received_time, lot_id, first_position, rollup, state from lot"
    "   where shard = $1 and queue = any ($10) and queue > 0 limit $7)"
    " select w.received_time, w.lot_id, w.first_position, w.rollup, c.n"
    " from (select count(*) as n from waiting) c left join lateral ("
    "   select received_time, lot_id, first_position, rollup from waiting"
    "   where state = any ($9) and received_time >= $2 and received_time < $3"
    "     and (received_time, lot_id, first_position) < ($4, $5, $6)"
    "   order by received_time desc, lot_id desc, first_position desc limit $8) w on true"
    " order by w.received_time desc, w.lot_id desc, w.first_position desc"};

constexpr Statement kCollectInFlight = {
    "collect_in_flight",
    "with under_way as materialized ("
    "   select l.received_time, l.lot_id, l.first_position, l.rollup from attempt a"
    "   join batch b on b.shard = a.shard and b.batch_id = a.batch_id"
    "   cross join lateral unnest(b.lot_ids, b.first_positions) k (lot_id, first_position)"
    "   cross join lateral (select received_time, lot_id, first_position, rollup from lot"
    "     where shard = $1 and lot_id = k.lot_id and first_position = k.first_position"
    "       and state = 2 and last_attempt_id = a.attempt_id limit 1) l"
    "   where a.shard = $1 and a.outcome = 0 and b.shard = $1 limit $7)"
    " select w.received_time, w.lot_id, w.first_position, w.rollup, c.n"
    " from (select count(*) as n from under_way) c left join lateral ("
    "   select received_time, lot_id, first_position, rollup from under_way"
    "   where received_time >= $2 and received_time < $3"
    "     and (received_time, lot_id, first_position) < ($4, $5, $6)"
    "   order by received_time desc, lot_id desc, first_position desc limit $8) w on true"
    " order by w.received_time desc, w.lot_id desc, w.first_position desc"};

ListingPlace PlaceAt(const Result& rows, int row) {
  return {.received_time = rows.Time(row, 0),
          .lot_id = rows.Int8(row, 1),
          .position = rows.Int2(row, 2)};
}

class Finder {
 public:
  Finder(Connection& connection, int32_t shard, const SliceFilter& filter,
         const std::optional<ListingPlace>& before, int limit)
      : connection_(connection),
        shard_(shard),
        filter_(filter),
        before_(before.value_or(ListingPlace{absl::InfiniteFuture(),
                                             std::numeric_limits<int64_t>::max(),
                                             std::numeric_limits<int16_t>::max()})),
        limit_(static_cast<size_t>(limit)) {}

  SliceSearch Find() {
    if (filter_.lookup_key.has_value()) return WalkLookup();
    if (filter_.states.empty() || Asks(DeliveryState::kDelivered)) return WalkReceived();
    std::vector<SliceSearch> searches;
    if (!CollectWaiting(&searches) || !CollectInFlight(&searches)) return WalkReceived();
    for (const DeliveryState state : filter_.states) {
      if (state != DeliveryState::kInFlight) searches.push_back(WalkExceptional(state));
    }
    return MergeSearches(searches, static_cast<int>(limit_));
  }

 private:
  bool Asks(DeliveryState state) const {
    return std::find(filter_.states.begin(), filter_.states.end(), state) != filter_.states.end();
  }
  bool AsksForLabels() const {
    return !filter_.name_labels.empty() || !filter_.source_labels.empty();
  }

  std::vector<int16_t> States() const {
    std::vector<int16_t> states;
    for (const DeliveryState state : filter_.states) states.push_back(static_cast<int16_t>(state));
    return states;
  }

  // $1 to $8, which all statements share.
  Parameters Range(const ListingPlace& before, int looked_at_max, size_t given_max) const {
    return Parameters()
        .Int4(shard_)
        .Time(filter_.received_start.value_or(absl::InfinitePast()))
        .Time(filter_.received_end.value_or(absl::InfiniteFuture()))
        .Time(before.received_time)
        .Int8(before.lot_id)
        .Int2(before.position)
        .Int8(looked_at_max)
        .Int8(static_cast<int64_t>(given_max));
  }

  void Take(const Result& rows, int row, SliceSearch* search) const {
    if (search->places.size() < limit_ &&
        RollupHolds(rows.Bytes(row, 3), filter_.name_labels, filter_.source_labels)) {
      search->places.push_back(PlaceAt(rows, row));
    }
  }

  // Walks on until `limit` slices are found, no row is left or enough have been looked at.
  // `filtered`: not every row passes. `add` appends the parameters from $9 on.
  template <typename Add>
  SliceSearch Walk(const Statement& statement, bool filtered, int chunk, Add add) {
    SliceSearch search;
    ListingPlace from = before_;
    for (int left = kWalkedMax; search.places.size() < limit_;) {
      if (left == 0) {
        search.stopped_at = from;
        break;
      }
      const size_t missing = limit_ - search.places.size();
      int looked_at_max = std::min(left, chunk);
      if (!filtered) looked_at_max = std::min(left, static_cast<int>(missing));
      Parameters parameters = Range(from, looked_at_max, AsksForLabels() ? looked_at_max : missing);
      add(&parameters);
      const Result rows = connection_.Execute(statement, parameters);
      bool more = false;
      for (int row = 0; row < rows.row_count(); ++row) {
        if (rows.Bool(row, 4)) Take(rows, row, &search);
        if (rows.Bool(row, 5)) more = true;
      }
      if (!more) break;
      from = PlaceAt(rows, rows.row_count() - 1);
      left -= looked_at_max;
    }
    return search;
  }

  SliceSearch WalkReceived() {
    return Walk(kWalkReceived, AsksForLabels() || !filter_.states.empty(),
                AsksForLabels() ? kLabelChunk : kWalkedMax,
                [&](Parameters* parameters) { parameters->Int2Array(States()); });
  }

  SliceSearch WalkExceptional(DeliveryState state) {
    return Walk(kWalkExceptional, AsksForLabels(), kLabelChunk,
                [&](Parameters* parameters) { parameters->Int2(static_cast<int16_t>(state)); });
  }

  // In one step: each one is a scan of all the hashes.
  SliceSearch WalkLookup() {
    return Walk(kWalkLookup, /*filtered=*/true, kWalkedMax, [&](Parameters* parameters) {
      parameters->Int2Array(States()).Int8(*filter_.lookup_key);
    });
  }

  // Both give false where there are too many to collect.
  bool CollectWaiting(std::vector<SliceSearch>* searches) {
    std::vector<int16_t> queues;
    const auto add = [&queues](Queue queue) { queues.push_back(static_cast<int16_t>(queue)); };
    if (Asks(DeliveryState::kPending)) add(Queue::kFresh);
    if (Asks(DeliveryState::kInDoubt)) add(Queue::kDoubt);
    if (queues.empty()) return true;
    add(Queue::kIsolated);
    Parameters parameters = Range(before_, kCollectedMax, CollectedLimit());
    parameters.Int2Array(States()).Int2Array(queues);
    return Collect(connection_.Execute(kCollectWaiting, parameters), searches);
  }

  bool CollectInFlight(std::vector<SliceSearch>* searches) {
    if (!Asks(DeliveryState::kInFlight)) return true;
    return Collect(
        connection_.Execute(kCollectInFlight, Range(before_, kCollectedMax, CollectedLimit())),
        searches);
  }

  size_t CollectedLimit() const { return AsksForLabels() ? kCollectedMax : limit_; }

  bool Collect(const Result& rows, std::vector<SliceSearch>* searches) const {
    if (rows.Int8(0, 4) >= kCollectedMax) return false;
    SliceSearch& search = searches->emplace_back();
    for (int row = 0; row < rows.row_count(); ++row) {
      if (!rows.IsNull(row, 0)) Take(rows, row, &search);
    }
    return true;
  }

  Connection& connection_;
  const int32_t shard_;
  const SliceFilter& filter_;
  const ListingPlace before_;
  const size_t limit_;
};

}  // namespace

SliceSearch FindSlices(Connection& connection, int32_t shard, const SliceFilter& filter,
                       const std::optional<ListingPlace>& before, int limit) {
  return Finder(connection, shard, filter, before, limit).Find();
}

SliceSearch MergeSearches(const std::vector<SliceSearch>& searches, int limit) {
  SliceSearch merged;
  for (const SliceSearch& search : searches) {
    merged.places.insert(merged.places.end(), search.places.begin(), search.places.end());
    if (!search.stopped_at.has_value()) continue;
    if (!merged.stopped_at.has_value() || *merged.stopped_at < *search.stopped_at) {
      merged.stopped_at = search.stopped_at;
    }
  }
  std::sort(merged.places.begin(), merged.places.end(),
            [](const ListingPlace& a, const ListingPlace& b) { return b < a; });
  merged.places.erase(std::unique(merged.places.begin(), merged.places.end()), merged.places.end());
  // What lies behind a stop cannot be given yet: that search may find something before it.
  if (merged.stopped_at.has_value()) {
    std::erase_if(merged.places,
                  [&](const ListingPlace& place) { return place < *merged.stopped_at; });
  }
  if (merged.places.size() >= static_cast<size_t>(limit)) {
    merged.places.resize(limit);
    merged.stopped_at.reset();
  }
  return merged;
}

}  // namespace snapledger::storage
