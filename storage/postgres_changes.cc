// Changes of state as they stand in the append-only facts: receipts of lots, attempts, transitions.

#include "storage/postgres_changes.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "storage/slice_columns.h"
#include "storage/transaction.h"
#include "storage/wire_format.h"

namespace snapledger::storage {
namespace {

constexpr Statement kDatabaseNow = {"database_now", "select now()"};

// A slice that is cut keeps its first position, so the slice at 0 stands for its lot. What was
// suppressed stays so: the state of receipt can be told from the slice of today.
constexpr Statement kReceivedAfter = {
    "received_after",
    "select received_time, lot_id, state = 10, last_position from lot"
    " where shard = $1 and received_time >= $2 and (received_time, lot_id) > ($2, $3)"
    "   and first_position = 0"
    " order by received_time, lot_id limit $4"};

constexpr Statement kSentAfter = {
    "sent_after",
    "select sent_time, attempt_id, batch_id, from_state from attempt"
    " where shard = $1 and sent_time >= $2 and (sent_time, attempt_id) > ($2, $3)"
    " order by sent_time, attempt_id limit $4"};

constexpr Statement kRecordedAfter = {
    "recorded_after",
    "select recorded_time, attempt_id, batch_id, to_state, state_reason, left_count > 0"
    " from attempt"
    " where shard = $1 and recorded_time >= $2 and (recorded_time, attempt_id) > ($2, $3)"
    " order by recorded_time, attempt_id limit $4"};

constexpr Statement kTransitionsAfter = {
    "transitions_after",
    "select transition_time, transition_id, lot_id, first_position, last_position, from_state,"
    "   to_state, reason, actor from transition"
    " where shard = $1 and transition_time >= $2 and (transition_time, transition_id) > ($2, $3)"
    " order by transition_time, transition_id limit $4"};

constexpr Statement kBatchRanges = {"batch_ranges",
                                    "select lot_ids, first_positions, last_positions from batch"
                                    " where shard = $1 and batch_id = $2"};

// What left an attempt was moved in the transaction that recorded its outcome.
constexpr Statement kLeftRanges = {
    "left_ranges",
    "select lot_id, first_position, last_position from transition"
    " where shard = $1 and transition_time = $2 and from_state = 2 and lot_id = any ($3)"
    " order by lot_id, first_position"};

constexpr Statement kSlicesOfLots = {
    "slices_of_lots",
    "select lot_id, first_position, last_position, event_count, fence, state, queue,"
    "   state_reason, attempt_count, received_time, next_attempt_time, first_sent_time,"
    "   final_time, in_doubt_since is not null, rollup, json_bytes"
    " from lot where shard = $1 and lot_id = any ($2) order by lot_id, first_position"};

Uuid IdOfLot(int64_t lot_id) {
  std::string bytes(8, '\0');
  AppendBigEndian<int64_t>(lot_id, &bytes);
  Uuid id{};
  std::copy(bytes.begin(), bytes.end(), id.begin());
  return id;
}

int64_t LotOfId(const Uuid& id) {
  return ReadBigEndian<int64_t>(reinterpret_cast<const char*>(id.data()) + 8);
}

constexpr Uuid kIdMin{};
constexpr Uuid kIdMax = [] {
  Uuid id{};
  id.fill(0xFF);
  return id;
}();

// The id after which rows of `kind` at the very time of `after` come after it.
Uuid IdAfter(const ChangeKey& after, ChangeKind kind) {
  if (kind == after.kind) return after.id;
  return kind < after.kind ? kIdMax : kIdMin;
}

Parameters After(int32_t shard, const ChangeKey& after, ChangeKind kind, int limit) {
  const Uuid id = IdAfter(after, kind);
  Parameters parameters;
  parameters.Int4(shard).Time(after.time);
  if (kind != ChangeKind::kReceived) {
    parameters.UuidValue(id);
  } else {
    parameters.Int8(id == kIdMax ? std::numeric_limits<int64_t>::max() : LotOfId(id));
  }
  parameters.Int8(limit);
  return parameters;
}

void AddReceived(const Result& rows, std::vector<ChangeRow>* changes) {
  for (int row = 0; row < rows.row_count(); ++row) {
    const int64_t lot_id = rows.Int8(row, 1);
    changes->push_back(
        {.key = {rows.Time(row, 0), ChangeKind::kReceived, IdOfLot(lot_id)},
         .to_state = rows.Bool(row, 2) ? DeliveryState::kSuppressed : DeliveryState::kPending,
         .lot_id = lot_id,
         .last_position = rows.Int2(row, 3)});
  }
}

void AddSent(const Result& rows, std::vector<ChangeRow>* changes) {
  for (int row = 0; row < rows.row_count(); ++row) {
    changes->push_back({.key = {rows.Time(row, 0), ChangeKind::kSent, rows.UuidValue(row, 1)},
                        .from_state = static_cast<DeliveryState>(rows.Int2(row, 3)),
                        .to_state = DeliveryState::kInFlight,
                        .batch_id = rows.UuidValue(row, 2)});
  }
}

void AddRecorded(const Result& rows, std::vector<ChangeRow>* changes) {
  for (int row = 0; row < rows.row_count(); ++row) {
    changes->push_back({.key = {rows.Time(row, 0), ChangeKind::kRecorded, rows.UuidValue(row, 1)},
                        .from_state = DeliveryState::kInFlight,
                        .to_state = static_cast<DeliveryState>(rows.Int2(row, 3)),
                        .reason = rows.Text(row, 4),
                        .batch_id = rows.UuidValue(row, 2),
                        .some_left = rows.Bool(row, 5)});
  }
}

void AddTransitions(const Result& rows, std::vector<ChangeRow>* changes) {
  for (int row = 0; row < rows.row_count(); ++row) {
    changes->push_back({.key = {rows.Time(row, 0), ChangeKind::kTransition, rows.UuidValue(row, 1)},
                        .from_state = static_cast<DeliveryState>(rows.Int2(row, 5)),
                        .to_state = static_cast<DeliveryState>(rows.Int2(row, 6)),
                        .reason = rows.Text(row, 7),
                        .actor = rows.Text(row, 8),
                        .lot_id = rows.Int8(row, 2),
                        .first_position = rows.Int2(row, 3),
                        .last_position = rows.Int2(row, 4)});
  }
}

std::vector<LotRange> RangesOfBatch(const Result& batch) {
  if (batch.row_count() == 0) return {};
  const std::vector<int64_t> lots = batch.Int8Array(0, 0);
  const std::vector<int16_t> firsts = batch.Int2Array(0, 1);
  const std::vector<int16_t> lasts = batch.Int2Array(0, 2);
  std::vector<LotRange> ranges;
  for (size_t i = 0; i < lots.size(); ++i) ranges.push_back({lots[i], firsts[i], lasts[i]});
  return ranges;
}

// `ranges` without the one given.
std::vector<LotRange> Without(const LotRange& left, const std::vector<LotRange>& ranges) {
  std::vector<LotRange> rest;
  for (const LotRange& range : ranges) {
    const bool apart = range.lot_id != left.lot_id || left.last_position < range.first_position ||
                       left.first_position > range.last_position;
    if (apart) {
      rest.push_back(range);
      continue;
    }
    if (range.first_position < left.first_position) {
      rest.push_back(
          {range.lot_id, range.first_position, static_cast<int16_t>(left.first_position - 1)});
    }
    if (range.last_position > left.last_position) {
      rest.push_back(
          {range.lot_id, static_cast<int16_t>(left.last_position + 1), range.last_position});
    }
  }
  return rest;
}

std::vector<LotRange> EventsOn(Connection& connection, int32_t shard, const ChangeRow& change) {
  if (change.key.kind == ChangeKind::kReceived) {
    return {{change.lot_id, 0, std::numeric_limits<int16_t>::max()}};
  }
  if (change.key.kind == ChangeKind::kTransition) {
    return {{change.lot_id, change.first_position, change.last_position}};
  }
  std::vector<LotRange> ranges = RangesOfBatch(
      connection.Execute(kBatchRanges, Parameters().Int4(shard).UuidValue(change.batch_id)));
  if (!change.some_left) return ranges;
  std::vector<int64_t> lot_ids;
  for (const LotRange& range : ranges) lot_ids.push_back(range.lot_id);
  const Result left = connection.Execute(
      kLeftRanges, Parameters().Int4(shard).Time(change.key.time).Int8Array(lot_ids));
  for (int row = 0; row < left.row_count(); ++row) {
    ranges = Without({left.Int8(row, 0), left.Int2(row, 1), left.Int2(row, 2)}, ranges);
  }
  return ranges;
}

}  // namespace

ChangeKey LastChangeAt(absl::Time time) { return {time, ChangeKind::kTransition, kIdMax}; }

absl::StatusOr<absl::Time> PostgresChangeStore::DatabaseNow() {
  return WithConnection(
      pool_, [](Connection& connection) { return connection.Execute(kDatabaseNow).Time(0, 0); });
}

absl::StatusOr<ChangePage> PostgresChangeStore::ReadChanges(int32_t shard, const ChangeKey& after,
                                                            int limit) {
  return RunTransaction(pool_, TransactionKind::kSnapshot, [&](Connection& connection) {
    const auto read = [&](const Statement& statement, ChangeKind kind) {
      return connection.Execute(statement, After(shard, after, kind, limit));
    };
    ChangePage page;
    page.database_now = connection.Execute(kDatabaseNow).Time(0, 0);
    AddReceived(read(kReceivedAfter, ChangeKind::kReceived), &page.changes);
    AddSent(read(kSentAfter, ChangeKind::kSent), &page.changes);
    AddRecorded(read(kRecordedAfter, ChangeKind::kRecorded), &page.changes);
    AddTransitions(read(kTransitionsAfter, ChangeKind::kTransition), &page.changes);
    std::sort(page.changes.begin(), page.changes.end(),
              [](const ChangeRow& a, const ChangeRow& b) { return a.key < b.key; });
    if (page.changes.size() > static_cast<size_t>(limit)) page.changes.resize(limit);
    return page;
  });
}

absl::StatusOr<std::vector<LotRange>> PostgresChangeStore::EventsOf(int32_t shard,
                                                                    const ChangeRow& change) {
  return WithConnection(
      pool_, [&](Connection& connection) { return EventsOn(connection, shard, change); });
}

absl::StatusOr<std::vector<SliceRow>> PostgresChangeStore::SlicesOf(
    int32_t shard, absl::Span<const int64_t> lot_ids) {
  return WithConnection(pool_, [&](Connection& connection) {
    const Result rows =
        connection.Execute(kSlicesOfLots, Parameters().Int4(shard).Int8Array(lot_ids));
    std::vector<SliceRow> slices;
    for (int row = 0; row < rows.row_count(); ++row) slices.push_back(ReadSlice(rows, row, shard));
    return slices;
  });
}

}  // namespace snapledger::storage
