#include "storage/postgres_receipts.h"

#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr Statement kTakeTurn = {"receipt_take_turn",
                                 "update receipt_turn set next_time = now() + $2"
                                 " where destination_number = $1 and next_time <= now()"};

// There is nothing to compare yet where a destination is new.
constexpr Statement kFirstTurn = {
    "receipt_first_turn",
    "insert into receipt_turn (destination_number, next_time) values ($1, now() + $2)"
    " on conflict (destination_number) do nothing"};

// Outcomes 1 and 5 are DELIVERED and UNKNOWN, 0 is open. What a recorded batch delivered is known
// by its time of recording; what may have arrived beside it, by the time it was sent.
constexpr Statement kDelivered = {
    "receipt_delivered",
    "select coalesce(sum(event_count) filter (where recorded_time > now() - interval '1 hour'),"
    "   0)::bigint,"
    "  coalesce(sum(event_count) filter (where recorded_time > now() - interval '1 hour' + $2"
    "   and recorded_time <= now() - $2), 0)::bigint,"
    "  coalesce(sum(event_count), 0)::bigint"
    " from attempt where shard = $1 and recorded_time > now() - interval '1 hour' - $2"
    "   and outcome = 1"};

constexpr Statement kPerhapsDelivered = {
    "receipt_perhaps_delivered",
    "select coalesce(sum(event_count), 0)::bigint from attempt"
    " where shard = $1 and sent_time > now() - interval '1 hour' - $2 and outcome in (0, 5)"};

constexpr Statement kAdd = {
    "receipt_add",
    "insert into receipt_observation (destination_number, expected, expected_least, expected_most,"
    "  reported, latest_event_time, verdict, diverging, http_status, answer)"
    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};

constexpr Statement kLatest = {
    "receipt_latest",
    "select observation_time, expected, expected_least, expected_most, coalesce(reported, -1),"
    "  latest_event_time, verdict, diverging, http_status, answer from receipt_observation"
    " where destination_number = $1 and observation_time > now() - $2"
    " order by observation_time desc limit $3"};

ReceiptObservation ReadObservation(const Result& rows, int row) {
  ReceiptObservation observation = {.time = rows.Time(row, 0),
                                    .expected = {.delivered = rows.Int8(row, 1),
                                                 .least = rows.Int8(row, 2),
                                                 .most = rows.Int8(row, 3)},
                                    .latest_event_time = rows.OptionalTime(row, 5),
                                    .verdict = static_cast<ReceiptVerdict>(rows.Int2(row, 6)),
                                    .diverging = rows.Bool(row, 7),
                                    .http_status = rows.Int2(row, 8),
                                    .answer = rows.Text(row, 9)};
  if (observation.verdict != ReceiptVerdict::kNotUnderstood)
    observation.reported = rows.Int8(row, 4);
  return observation;
}

}  // namespace

absl::StatusOr<bool> PostgresReceiptStore::TakeTurn(int32_t destination_number,
                                                    absl::Duration interval) {
  return WithConnection(pool_, [&](Connection& connection) {
    const Parameters parameters = Parameters().Int4(destination_number).Interval(interval);
    if (connection.Execute(kTakeTurn, parameters).affected_rows() == 1) return true;
    connection.Execute(kFirstTurn, parameters);
    return false;
  });
}

absl::StatusOr<ExpectedReceipts> PostgresReceiptStore::Expected(absl::Span<const int32_t> shards,
                                                                absl::Duration lag) {
  return RunTransaction(pool_, TransactionKind::kSnapshot, [&](Connection& connection) {
    ExpectedReceipts sum;
    for (const int32_t shard : shards) {
      const Parameters parameters = Parameters().Int4(shard).Interval(lag);
      const Result delivered = connection.Execute(kDelivered, parameters);
      sum.delivered += delivered.Int8(0, 0);
      sum.least += delivered.Int8(0, 1);
      sum.most +=
          delivered.Int8(0, 2) + connection.Execute(kPerhapsDelivered, parameters).Int8(0, 0);
    }
    return sum;
  });
}

absl::Status PostgresReceiptStore::Add(int32_t destination_number,
                                       const ReceiptObservation& observation) {
  return WithConnection(pool_,
                        [&](Connection& connection) {
                          return connection
                              .Execute(kAdd,
                                       Parameters()
                                           .Int4(destination_number)
                                           .Int8(observation.expected.delivered)
                                           .Int8(observation.expected.least)
                                           .Int8(observation.expected.most)
                                           .OptionalInt8(observation.reported)
                                           .OptionalTime(observation.latest_event_time)
                                           .Int2(static_cast<int16_t>(observation.verdict))
                                           .Bool(observation.diverging)
                                           .Int2(static_cast<int16_t>(observation.http_status))
                                           .Text(observation.answer))
                              .affected_rows();
                        })
      .status();
}

absl::StatusOr<std::vector<ReceiptObservation>> PostgresReceiptStore::Latest(
    int32_t destination_number, absl::Duration age, int limit) {
  return WithConnection(pool_, [&](Connection& connection) {
    const Result rows = connection.Execute(
        kLatest, Parameters().Int4(destination_number).Interval(age).Int8(limit));
    std::vector<ReceiptObservation> observations;
    for (int row = 0; row < rows.row_count(); ++row) {
      observations.push_back(ReadObservation(rows, row));
    }
    return observations;
  });
}

}  // namespace snapledger::storage
