#include "storage/postgres_listing.h"

#include <limits>
#include <set>
#include <utility>

#include "storage/attempt_rows.h"
#include "storage/identity_groups.h"
#include "storage/slice_columns.h"
#include "storage/slice_search.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr Statement kReadSlices = {
    "read_slices",
    "select l.lot_id, l.first_position, l.last_position, l.event_count, l.fence, l.state, l.queue,"
    "   l.state_reason, l.attempt_count, l.received_time, l.next_attempt_time, l.first_sent_time,"
    "   l.final_time, l.in_doubt_since is not null, l.rollup, l.json_bytes"
    " from unnest($2::bigint[], $3::smallint[]) with ordinality k (lot_id, first_position, place)"
    " cross join lateral (select * from lot where shard = $1 and lot_id = k.lot_id"
    "   and first_position = k.first_position limit 1) l order by k.place"};

// The first columns are those of read_slices.
constexpr char kFindEvents[] =
    "select l.lot_id, l.first_position, l.last_position, l.event_count, l.fence, l.state, l.queue,"
    "   l.state_reason, l.attempt_count, l.received_time, l.next_attempt_time, l.first_sent_time,"
    "   l.final_time, l.in_doubt_since is not null, l.rollup, l.json_bytes, i.position,"
    "   k.event_key"
    " from unnest($2::uuid[]) k (event_key)"
    " cross join lateral (select lot_id, position from identity"
    "   where shard = $1 and event_key = k.event_key and @group"
    "   order by partition_number desc limit 1) i"
    " cross join lateral (select * from lot where shard = $1 and lot_id = i.lot_id"
    "   and first_position <= i.position order by first_position desc limit 1) l";

constexpr Statement kReadPayloads = {
    "read_payloads",
    "select p.lot_id, p.payload from unnest($2::bigint[]) k (lot_id)"
    " cross join lateral (select lot_id, payload from lot_payload"
    "   where shard = $1 and lot_id = k.lot_id limit 1) p"};

constexpr Statement kListAttempts = {
    "list_attempts",
    "select attempt_id, batch_id, sent_time, recorded_time, http_status, snap_status, snap_reason,"
    "   error, outcome, verdict_source, event_count, body_sha256, from_state, to_state,"
    "   state_reason"
    " from attempt where shard = $1 and sent_time >= $2 and sent_time < $3 and sent_time <= $4"
    "   and (sent_time, attempt_id) < ($4, $5)"
    " order by sent_time desc, attempt_id desc limit $6"};

}  // namespace

absl::StatusOr<SlicePage> PostgresListingStore::ListSlices(
    int32_t shard, const SliceFilter& filter, const std::optional<ListingPlace>& before,
    int limit) {
  return RunTransaction(pool_, TransactionKind::kSnapshot, [&](Connection& connection) {
    SliceSearch search = FindSlices(connection, shard, filter, before, limit);
    SlicePage page = {.stopped_at = search.stopped_at};
    if (search.places.empty()) return page;
    std::vector<int64_t> lot_ids;
    std::vector<int16_t> first_positions;
    for (const ListingPlace& place : search.places) {
      lot_ids.push_back(place.lot_id);
      first_positions.push_back(place.position);
    }
    const Result rows = connection.Execute(
        kReadSlices, Parameters().Int4(shard).Int8Array(lot_ids).Int2Array(first_positions));
    for (int row = 0; row < rows.row_count(); ++row) {
      page.slices.push_back(ReadSlice(rows, row, shard));
    }
    return page;
  });
}

absl::StatusOr<std::vector<FoundEvent>> PostgresListingStore::FindEvents(
    int32_t shard, absl::Span<const Uuid> event_keys) {
  return WithConnection(pool_, [&](Connection& connection) {
    std::vector<FoundEvent> found;
    std::set<Uuid> left(event_keys.begin(), event_keys.end());
    int32_t group = GroupOf(connection.Execute(kNewestPartition).Int4(0, 0));
    for (; group >= 0 && !left.empty(); --group) {
      const MadeStatement find = OfGroup("find_events", kFindEvents, group);
      const std::vector<Uuid> keys(left.begin(), left.end());
      const Result rows = connection.Execute(*find.get(), Parameters().Int4(shard).UuidArray(keys));
      for (int row = 0; row < rows.row_count(); ++row) {
        found.push_back({.event_key = rows.UuidValue(row, 17),
                         .slice = ReadSlice(rows, row, shard),
                         .position = rows.Int2(row, 16)});
        left.erase(found.back().event_key);
      }
    }
    return found;
  });
}

absl::StatusOr<std::vector<LotPayload>> PostgresListingStore::Payloads(
    int32_t shard, absl::Span<const int64_t> lot_ids) {
  return WithConnection(pool_, [&](Connection& connection) {
    const Result rows =
        connection.Execute(kReadPayloads, Parameters().Int4(shard).Int8Array(lot_ids));
    std::vector<LotPayload> payloads;
    for (int row = 0; row < rows.row_count(); ++row) {
      payloads.push_back({.lot_id = rows.Int8(row, 0), .payload = rows.Text(row, 1)});
    }
    return payloads;
  });
}

absl::StatusOr<std::vector<AttemptRow>> PostgresListingStore::ListAttempts(
    int32_t shard, const AttemptFilter& filter, const std::optional<AttemptPlace>& before,
    int limit) {
  Uuid last_id;
  last_id.fill(std::numeric_limits<uint8_t>::max());
  const AttemptPlace from = before.value_or(AttemptPlace{absl::InfiniteFuture(), last_id});
  return WithConnection(pool_, [&](Connection& connection) {
    const Result rows = connection.Execute(
        kListAttempts, Parameters()
                           .Int4(shard)
                           .Time(filter.sent_start.value_or(absl::InfinitePast()))
                           .Time(filter.sent_end.value_or(absl::InfiniteFuture()))
                           .Time(from.sent_time)
                           .UuidValue(from.attempt_id)
                           .Int4(limit));
    std::vector<AttemptRow> attempts;
    for (int row = 0; row < rows.row_count(); ++row) attempts.push_back(ReadAttempt(rows, row));
    return attempts;
  });
}

}  // namespace snapledger::storage
