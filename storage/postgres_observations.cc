#include "storage/postgres_observations.h"

#include <limits>

#include "absl/strings/escaping.h"
#include "storage/audit_detail.h"
#include "storage/audit_rows.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr Statement kInsert = {
    "observation_insert",
    "insert into match_observation (destination_number, observation_id, window_start, window_end,"
    "   event_name, source, kinds, matched, total, evidence, evidence_sha256, evidence_key,"
    "   recorded_by)"
    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
    " on conflict (destination_number, evidence_key, window_start, window_end, event_name, source,"
    "   kinds) do nothing"
    " returning record_time, observation_id::text"};

constexpr Statement kFindSame = {
    "observation_find_same",
    "select observation_id, record_time from match_observation"
    " where destination_number = $1 and evidence_key = $2 and window_start = $3"
    "   and window_end = $4 and event_name = $5 and source = $6 and kinds = $7"};

constexpr Statement kList = {
    "observation_list",
    "select observation_id, record_time, window_start, window_end, event_name, source, kinds,"
    "   matched, total, evidence, evidence_sha256, evidence_key, recorded_by"
    " from match_observation"
    " where destination_number = $1 and (record_time, observation_id) < ($2, $3)"
    " order by record_time desc, observation_id desc limit $4"};

MatchObservationRow ReadRow(const Result& rows, int row) {
  return {.observation_id = rows.UuidValue(row, 0),
          .window_start = rows.Time(row, 2),
          .window_end = rows.Time(row, 3),
          .event_name = rows.Text(row, 4),
          .source = rows.Text(row, 5),
          .kinds = static_cast<uint16_t>(rows.Int4(row, 6)),
          .matched = rows.Int8(row, 7),
          .total = rows.Int8(row, 8),
          .evidence = rows.Text(row, 9),
          .evidence_sha256 = rows.Text(row, 10),
          .evidence_key = rows.Text(row, 11),
          .recorded_by = rows.Text(row, 12),
          .record_time = rows.Time(row, 1)};
}

// The evidence's words are the caller's, and may name people: the entry leads to them.
std::string DetailOf(std::string_view observation_id, const MatchObservationRow& observation) {
  AuditDetail detail;
  detail.Text("observation_id", observation_id);
  if (!observation.event_name.empty()) detail.Text("event_name", observation.event_name);
  if (!observation.source.empty()) detail.Text("source", observation.source);
  detail.Count("matched", observation.matched).Count("total", observation.total);
  if (!observation.evidence_sha256.empty()) {
    detail.Text("evidence_sha256", absl::BytesToHexString(observation.evidence_sha256));
  }
  return detail.json();
}

}  // namespace

absl::StatusOr<ObservationStore::Kept> PostgresObservationStore::Insert(
    int32_t destination_number, std::string_view destination_id,
    const MatchObservationRow& observation) {
  return RunTransaction(pool_, TransactionKind::kReadWrite, [&](Connection& connection) {
    const Result inserted = connection.Execute(kInsert, Parameters()
                                                            .Int4(destination_number)
                                                            .UuidValue(observation.observation_id)
                                                            .Time(observation.window_start)
                                                            .Time(observation.window_end)
                                                            .Text(observation.event_name)
                                                            .Text(observation.source)
                                                            .Int4(observation.kinds)
                                                            .Int8(observation.matched)
                                                            .Int8(observation.total)
                                                            .Text(observation.evidence)
                                                            .Bytes(observation.evidence_sha256)
                                                            .Bytes(observation.evidence_key)
                                                            .Text(observation.recorded_by));
    if (inserted.row_count() == 1) {
      AppendAuditEntry(connection, {.actor = observation.recorded_by,
                                    .action = "RecordMatchObservation",
                                    .target = std::string(destination_id),
                                    .detail_json = DetailOf(inserted.Text(0, 1), observation)});
      return Kept{.observation_id = observation.observation_id, .record_time = inserted.Time(0, 0)};
    }
    // Another statement, so that it sees what a transaction committed meanwhile.
    const Result same = connection.Execute(kFindSame, Parameters()
                                                          .Int4(destination_number)
                                                          .Bytes(observation.evidence_key)
                                                          .Time(observation.window_start)
                                                          .Time(observation.window_end)
                                                          .Text(observation.event_name)
                                                          .Text(observation.source)
                                                          .Int4(observation.kinds));
    return Kept{
        .observation_id = same.UuidValue(0, 0), .record_time = same.Time(0, 1), .existed = true};
  });
}

absl::StatusOr<std::vector<MatchObservationRow>> PostgresObservationStore::List(
    int32_t destination_number, const std::optional<ObservationPlace>& before, int limit) {
  Uuid last_id;
  last_id.fill(std::numeric_limits<uint8_t>::max());
  const ObservationPlace from = before.value_or(ObservationPlace{absl::InfiniteFuture(), last_id});
  return WithConnection(pool_, [&](Connection& connection) {
    const Result rows = connection.Execute(kList, Parameters()
                                                      .Int4(destination_number)
                                                      .Time(from.record_time)
                                                      .UuidValue(from.observation_id)
                                                      .Int4(limit));
    std::vector<MatchObservationRow> observations;
    for (int row = 0; row < rows.row_count(); ++row) observations.push_back(ReadRow(rows, row));
    return observations;
  });
}

}  // namespace snapledger::storage
