#include "storage/postgres_destinations.h"

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr Statement kInsertDestination = {
    "destination_insert",
    "insert into destination (destination_id, kind, lane_count, display_name,"
    "  max_requests_per_second, max_events_per_request, max_in_flight_requests,"
    "  default_phone_region, max_age_web_ms, max_age_mobile_app_ms, max_age_offline_ms,"
    "  dedup_window_ms, purchase_dedup_window_ms, limited_data_literal, unspecified_consent,"
    "  test_mode, test_event_code, request_timeout_ms, gzip_requests)"
    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"
    "  $19)"
    " on conflict (destination_id) do nothing returning destination_number"};

constexpr Statement kInsertToken = {
    "destination_insert_token",
    "insert into destination_token (destination_number, token_id, sealed) values ($1, $2, $3)"};

constexpr Statement kInsertShards = {
    "destination_insert_shards",
    "insert into shard (destination_number, lane)"
    " select $1, lane from generate_series(0, $2 - 1) as lane order by lane"};

constexpr Statement kInsertProgress = {
    "destination_insert_progress",
    "insert into counter_progress (shard) select shard from shard where destination_number = $1"};

constexpr Statement kFindNumber = {
    "destination_find_number",
    "select destination_number from destination where destination_id = $1"};

constexpr Statement kListNumbers = {
    "destination_list_numbers",
    "select destination_number from destination where destination_id > $1"
    " order by destination_id limit $2"};

constexpr Statement kLockDestination = {
    "destination_lock",
    "select destination_number, lane_count, pause_kind from destination"
    " where destination_id = $1 for update"};

constexpr Statement kSelectDestinations = {
    "destination_select",
    "select destination_number, destination_id, kind, lane_count, display_name,"
    "  max_requests_per_second, max_events_per_request, max_in_flight_requests,"
    "  default_phone_region, max_age_web_ms, max_age_mobile_app_ms, max_age_offline_ms,"
    "  dedup_window_ms, purchase_dedup_window_ms, limited_data_literal, unspecified_consent,"
    "  test_mode, test_event_code, request_timeout_ms, gzip_requests,"
    "  pause_kind, paused_reason, create_time, update_time"
    " from destination where destination_number = any($1) order by destination_id"};

constexpr Statement kSelectTokens = {
    "destination_select_tokens",
    "select destination_number, token_id, sealed, create_time, last_success_time,"
    "  last_failure_time"
    " from destination_token where destination_number = any($1)"
    " order by create_time desc, token_id"};

constexpr Statement kSelectShards = {
    "destination_select_shards",
    "select destination_number, shard from shard where destination_number = any($1)"
    " order by destination_number, lane"};

constexpr Statement kUpdateDestination = {
    "destination_update",
    "update destination set display_name = $2, max_requests_per_second = $3,"
    "  max_events_per_request = $4, max_in_flight_requests = $5, default_phone_region = $6,"
    "  max_age_web_ms = $7, max_age_mobile_app_ms = $8, max_age_offline_ms = $9,"
    "  dedup_window_ms = $10, purchase_dedup_window_ms = $11, limited_data_literal = $12,"
    "  unspecified_consent = $13, test_mode = $14, test_event_code = $15,"
    "  request_timeout_ms = $16, gzip_requests = $17, update_time = now()"
    " where destination_number = $1"};

constexpr Statement kSetPause = {
    "destination_set_pause",
    "update destination set pause_kind = $2, paused_reason = $3, update_time = now()"
    " where destination_number = $1"};

constexpr Statement kPauseShards = {"destination_pause_shards",
                                    "update shard set paused = true where destination_number = $1"};

constexpr Statement kResumeShards = {
    "destination_resume_shards", "update shard set paused = false where destination_number = $1"};

constexpr Statement kRecordSuccess = {"destination_record_token_success",
                                      "update destination_token set last_success_time = now()"
                                      " where destination_number = $1 and token_id = $2"};

constexpr Statement kRecordFailure = {"destination_record_token_failure",
                                      "update destination_token set last_failure_time = now()"
                                      " where destination_number = $1 and token_id = $2"};

// In the order both kInsertDestination and kUpdateDestination have them.
void AddSettings(const DestinationSettings& settings, Parameters* parameters) {
  parameters->Float8(settings.max_requests_per_second)
      .Int4(settings.max_events_per_request)
      .Int4(settings.max_in_flight_requests)
      .Text(settings.default_phone_region)
      .Int8(absl::ToInt64Milliseconds(settings.max_age_web))
      .Int8(absl::ToInt64Milliseconds(settings.max_age_mobile_app))
      .Int8(absl::ToInt64Milliseconds(settings.max_age_offline))
      .Int8(absl::ToInt64Milliseconds(settings.dedup_window))
      .Int8(absl::ToInt64Milliseconds(settings.purchase_dedup_window))
      .Text(settings.limited_data_literal)
      .Int2(settings.unspecified_consent)
      .Bool(settings.test_mode)
      .Text(settings.test_event_code)
      .Int8(absl::ToInt64Milliseconds(settings.request_timeout))
      .Bool(settings.gzip_requests);
}

// Columns `first_column` on are those of AddSettings.
DestinationSettings ReadSettings(const Result& rows, int row, int first_column) {
  int column = first_column;
  const auto milliseconds = [&] { return absl::Milliseconds(rows.Int8(row, column++)); };
  DestinationSettings settings;
  settings.max_requests_per_second = rows.Float8(row, column++);
  settings.max_events_per_request = rows.Int4(row, column++);
  settings.max_in_flight_requests = rows.Int4(row, column++);
  settings.default_phone_region = rows.Text(row, column++);
  settings.max_age_web = milliseconds();
  settings.max_age_mobile_app = milliseconds();
  settings.max_age_offline = milliseconds();
  settings.dedup_window = milliseconds();
  settings.purchase_dedup_window = milliseconds();
  settings.limited_data_literal = rows.Text(row, column++);
  settings.unspecified_consent = rows.Int2(row, column++);
  settings.test_mode = rows.Bool(row, column++);
  settings.test_event_code = rows.Text(row, column++);
  settings.request_timeout = milliseconds();
  settings.gzip_requests = rows.Bool(row, column++);
  return settings;
}

Destination ReadDestination(const Result& rows, int row) {
  Destination destination;
  destination.number = rows.Int4(row, 0);
  destination.destination_id = rows.Text(row, 1);
  destination.kind = rows.Int2(row, 2);
  destination.display_name = rows.Text(row, 4);
  destination.settings = ReadSettings(rows, row, 5);
  destination.settings.lane_count = rows.Int4(row, 3);
  destination.pause_kind = static_cast<PauseKind>(rows.Int2(row, 20));
  destination.paused_reason = rows.Text(row, 21);
  destination.create_time = rows.Time(row, 22);
  destination.update_time = rows.Time(row, 23);
  return destination;
}

std::vector<Destination> ReadDestinations(Connection& connection,
                                          absl::Span<const int32_t> numbers) {
  const Result rows = connection.Execute(kSelectDestinations, Parameters().Int4Array(numbers));
  std::vector<Destination> destinations;
  std::map<int32_t, size_t> places;
  for (int row = 0; row < rows.row_count(); ++row) {
    destinations.push_back(ReadDestination(rows, row));
    places[destinations.back().number] = destinations.size() - 1;
  }
  const Result tokens = connection.Execute(kSelectTokens, Parameters().Int4Array(numbers));
  for (int row = 0; row < tokens.row_count(); ++row) {
    destinations[places.at(tokens.Int4(row, 0))].tokens.push_back(
        {tokens.Text(row, 1), tokens.Text(row, 2), tokens.Time(row, 3), tokens.OptionalTime(row, 4),
         tokens.OptionalTime(row, 5)});
  }
  const Result shards = connection.Execute(kSelectShards, Parameters().Int4Array(numbers));
  for (int row = 0; row < shards.row_count(); ++row) {
    destinations[places.at(shards.Int4(row, 0))].shards.push_back(shards.Int4(row, 1));
  }
  return destinations;
}

Destination ReadOne(Connection& connection, int32_t number) {
  return ReadDestinations(connection, {number}).at(0);
}

[[noreturn]] void ThrowNotFound(std::string_view destination_id) {
  throw StatusError(
      absl::NotFoundError(absl::StrCat("no destination ", std::string(destination_id))));
}

struct LockedDestination {
  int32_t number = 0;
  int32_t lane_count = 0;
  PauseKind pause_kind = PauseKind::kNone;
};

// Whoever changes a destination or its shards takes its row first.
LockedDestination Lock(Connection& connection, std::string_view destination_id) {
  const Result rows = connection.Execute(kLockDestination, Parameters().Text(destination_id));
  if (rows.row_count() == 0) ThrowNotFound(destination_id);
  return {rows.Int4(0, 0), rows.Int4(0, 1), static_cast<PauseKind>(rows.Int2(0, 2))};
}

}  // namespace

absl::StatusOr<Destination> PostgresDestinationStore::Create(const NewDestination& destination) {
  return RunTransaction(pool_, TransactionKind::kReadWrite, [&](Connection& connection) {
    Parameters values;
    values.Text(destination.destination_id)
        .Int2(destination.kind)
        .Int4(destination.settings.lane_count)
        .Text(destination.display_name);
    AddSettings(destination.settings, &values);
    const Result inserted = connection.Execute(kInsertDestination, values);
    if (inserted.row_count() == 0) {
      throw StatusError(absl::AlreadyExistsError(
          absl::StrCat("destination ", destination.destination_id, " exists")));
    }
    const int32_t number = inserted.Int4(0, 0);
    connection.Execute(
        kInsertToken,
        Parameters().Int4(number).Text(destination.token_id).Bytes(destination.sealed_token));
    connection.Execute(kInsertShards,
                       Parameters().Int4(number).Int4(destination.settings.lane_count));
    connection.Execute(kInsertProgress, Parameters().Int4(number));
    return ReadOne(connection, number);
  });
}

absl::StatusOr<Destination> PostgresDestinationStore::Get(std::string_view destination_id) {
  return RunTransaction(pool_, TransactionKind::kSnapshot, [&](Connection& connection) {
    const Result found = connection.Execute(kFindNumber, Parameters().Text(destination_id));
    if (found.row_count() == 0) ThrowNotFound(destination_id);
    return ReadOne(connection, found.Int4(0, 0));
  });
}

absl::StatusOr<std::vector<Destination>> PostgresDestinationStore::List(std::string_view after_id,
                                                                        int limit) {
  return RunTransaction(pool_, TransactionKind::kSnapshot, [&](Connection& connection) {
    const Result found = connection.Execute(kListNumbers, Parameters().Text(after_id).Int8(limit));
    std::vector<int32_t> numbers;
    numbers.reserve(found.row_count());
    for (int row = 0; row < found.row_count(); ++row) numbers.push_back(found.Int4(row, 0));
    return ReadDestinations(connection, numbers);
  });
}

absl::StatusOr<Destination> PostgresDestinationStore::Update(std::string_view destination_id,
                                                             std::string_view display_name,
                                                             const DestinationSettings& settings) {
  return RunTransaction(pool_, TransactionKind::kReadWrite, [&](Connection& connection) {
    const LockedDestination locked = Lock(connection, destination_id);
    if (locked.lane_count != settings.lane_count) {
      throw StatusError(absl::FailedPreconditionError(
          absl::StrCat("lane_count is ", locked.lane_count, " since creation and cannot change")));
    }
    Parameters values;
    values.Int4(locked.number).Text(display_name);
    AddSettings(settings, &values);
    connection.Execute(kUpdateDestination, values);
    return ReadOne(connection, locked.number);
  });
}

absl::StatusOr<Destination> PostgresDestinationStore::Pause(std::string_view destination_id,
                                                            PauseKind kind,
                                                            std::string_view reason) {
  if (kind == PauseKind::kNone) return absl::InvalidArgumentError("a pause needs a kind");
  return RunTransaction(pool_, TransactionKind::kReadWrite, [&](Connection& connection) {
    const LockedDestination locked = Lock(connection, destination_id);
    if (kind == PauseKind::kOperator || locked.pause_kind != PauseKind::kOperator) {
      connection.Execute(
          kSetPause,
          Parameters().Int4(locked.number).Int2(static_cast<int16_t>(kind)).Text(reason));
      connection.Execute(kPauseShards, Parameters().Int4(locked.number));
    }
    return ReadOne(connection, locked.number);
  });
}

absl::StatusOr<Destination> PostgresDestinationStore::Resume(std::string_view destination_id,
                                                             PauseKind only) {
  return RunTransaction(pool_, TransactionKind::kReadWrite, [&](Connection& connection) {
    const LockedDestination locked = Lock(connection, destination_id);
    const bool meant = only == PauseKind::kNone || locked.pause_kind == only;
    if (meant && locked.pause_kind != PauseKind::kNone) {
      connection.Execute(
          kSetPause,
          Parameters().Int4(locked.number).Int2(static_cast<int16_t>(PauseKind::kNone)).Text(""));
      connection.Execute(kResumeShards, Parameters().Int4(locked.number));
    }
    return ReadOne(connection, locked.number);
  });
}

absl::Status PostgresDestinationStore::RecordTokenUse(int32_t destination_number,
                                                      std::string_view token_id, bool success) {
  return WithConnection(pool_,
                        [&](Connection& connection) {
                          const Result updated = connection.Execute(
                              success ? kRecordSuccess : kRecordFailure,
                              Parameters().Int4(destination_number).Text(token_id));
                          if (updated.affected_rows() == 0) {
                            throw StatusError(absl::NotFoundError("no such token"));
                          }
                          return true;
                        })
      .status();
}

}  // namespace snapledger::storage
