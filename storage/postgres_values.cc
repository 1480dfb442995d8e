#include "storage/postgres_values.h"

#include "storage/change_store.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr Statement kTakeTurn = {
    "values_take_turn",
    "insert into value_progress (shard, next_turn_time) values ($1, now() + $2)"
    " on conflict (shard) do update set next_turn_time = excluded.next_turn_time"
    "   where value_progress.next_turn_time <= now()"
    " returning counted_time, counted_lot_id, now()"};

// Slices of a lot were received together. The first condition is the index's, the second decides.
constexpr Statement kLotsAfter = {
    "values_lots_after",
    "select received_time, lot_id, sum(json_bytes)::bigint from lot"
    " where shard = $1 and received_time >= $2 and received_time <= $4"
    "   and (received_time, lot_id) > ($2, $3)"
    " group by received_time, lot_id order by received_time, lot_id limit $5"};

constexpr Statement kProgress = {
    "values_progress", "select counted_time, counted_lot_id from value_progress where shard = $1"};

constexpr Statement kSketches = {
    "values_sketches",
    "select day, kind, sketch from value_sketch where shard = $1 and day >= $2 and day < $3"
    " order by day, kind"};

constexpr Statement kMove = {"values_move",
                             "update value_progress set counted_time = $4, counted_lot_id = $5"
                             " where shard = $1 and counted_time = $2 and counted_lot_id = $3"};

constexpr Statement kWrite = {
    "values_write",
    "insert into value_sketch (shard, day, kind, sketch)"
    " select $1, k.* from unnest($2::timestamptz[], $3::smallint[], $4::bytea[]) k"
    " on conflict (shard, day, kind) do update set sketch = excluded.sketch"};

constexpr Statement kForget = {
    "values_forget",
    "delete from value_sketch where shard = $1 and day < now() - interval '366 days'"};

CountedPlace PlaceAt(const Result& rows, int row) {
  return {.received_time = rows.Time(row, 0), .lot_id = rows.Int8(row, 1)};
}

void Write(Connection& connection, int32_t shard, absl::Span<const ValueSketchRow> rows) {
  std::vector<absl::Time> days;
  std::vector<int16_t> kinds;
  std::vector<std::string> sketches;
  for (const ValueSketchRow& row : rows) {
    days.push_back(row.day);
    kinds.push_back(row.kind);
    sketches.push_back(row.sketch);
  }
  connection.Execute(
      kWrite, Parameters().Int4(shard).TimeArray(days).Int2Array(kinds).BytesArray(sketches));
  connection.Execute(kForget, Parameters().Int4(shard));
}

}  // namespace

absl::StatusOr<std::optional<ValueTurn>> PostgresValueStore::TakeTurn(int32_t shard,
                                                                      absl::Duration interval) {
  return WithConnection(pool_, [&](Connection& connection) -> std::optional<ValueTurn> {
    const Result row = connection.Execute(kTakeTurn, Parameters().Int4(shard).Interval(interval));
    if (row.row_count() == 0) return std::nullopt;
    return ValueTurn{.counted = PlaceAt(row, 0),
                     .settled_time = row.Time(0, 2) - kTransactionTimeMax};
  });
}

absl::StatusOr<std::vector<LotToCount>> PostgresValueStore::LotsAfter(int32_t shard,
                                                                      const CountedPlace& counted,
                                                                      absl::Time through,
                                                                      int limit) {
  return WithConnection(pool_, [&](Connection& connection) {
    const Result rows = connection.Execute(kLotsAfter, Parameters()
                                                           .Int4(shard)
                                                           .Time(counted.received_time)
                                                           .Int8(counted.lot_id)
                                                           .Time(through)
                                                           .Int4(limit));
    std::vector<LotToCount> lots;
    for (int row = 0; row < rows.row_count(); ++row) {
      lots.push_back({.place = PlaceAt(rows, row), .json_bytes = rows.Int8(row, 2)});
    }
    return lots;
  });
}

absl::StatusOr<StoredValueSketches> PostgresValueStore::Read(int32_t shard, absl::Time start,
                                                             absl::Time end) {
  return RunTransaction(pool_, TransactionKind::kSnapshot, [&](Connection& connection) {
    StoredValueSketches stored;
    const Result progress = connection.Execute(kProgress, Parameters().Int4(shard));
    if (progress.row_count() > 0) stored.counted = PlaceAt(progress, 0);
    const Result rows =
        connection.Execute(kSketches, Parameters().Int4(shard).Time(start).Time(end));
    for (int row = 0; row < rows.row_count(); ++row) {
      stored.rows.push_back(
          {.day = rows.Time(row, 0), .kind = rows.Int2(row, 1), .sketch = rows.Text(row, 2)});
    }
    return stored;
  });
}

absl::StatusOr<bool> PostgresValueStore::Move(int32_t shard, const CountedPlace& from,
                                              const CountedPlace& to,
                                              absl::Span<const ValueSketchRow> rows) {
  return RunTransaction(pool_, TransactionKind::kReadWrite, [&](Connection& connection) {
    // The row's lock makes a second process wait here, and then find it elsewhere.
    const Result moved = connection.Execute(kMove, Parameters()
                                                       .Int4(shard)
                                                       .Time(from.received_time)
                                                       .Int8(from.lot_id)
                                                       .Time(to.received_time)
                                                       .Int8(to.lot_id));
    if (moved.affected_rows() == 0) return false;
    if (!rows.empty()) Write(connection, shard, rows);
    return true;
  });
}

}  // namespace snapledger::storage
