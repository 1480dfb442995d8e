#include "storage/destination_rows.h"

#include <map>
#include <string>

#include "storage/ledger.h"

namespace snapledger::storage {
namespace {

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

constexpr Statement kSelectFormerLaneCounts = {
    "destination_select_former_lane_counts",
    "select destination_number, lane_count, until_time > now() - $2 from former_lane_count"
    " where destination_number = any($1) order by until_time desc, lane_count"};

constexpr Statement kSelectLaneEpoch = {"destination_select_lane_epoch",
                                        "select lane_epoch from identity_roll where id = 1"};

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

}  // namespace

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

std::vector<Destination> ReadDestinations(Connection& connection,
                                          absl::Span<const int32_t> numbers) {
  const int64_t lane_epoch = connection.Execute(kSelectLaneEpoch).Int8(0, 0);
  const Result rows = connection.Execute(kSelectDestinations, Parameters().Int4Array(numbers));
  std::vector<Destination> destinations;
  std::map<int32_t, size_t> places;
  for (int row = 0; row < rows.row_count(); ++row) {
    destinations.push_back(ReadDestination(rows, row));
    destinations.back().lane_epoch = lane_epoch;
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
  const Result former = connection.Execute(
      kSelectFormerLaneCounts, Parameters().Int4Array(numbers).Interval(kIdentityWindow));
  for (int row = 0; row < former.row_count(); ++row) {
    destinations[places.at(former.Int4(row, 0))].former_lane_counts.push_back(
        {.lane_count = former.Int4(row, 1), .identity_holds = former.Bool(row, 2)});
  }
  return destinations;
}

Destination ReadOne(Connection& connection, int32_t number) {
  return ReadDestinations(connection, {number}).at(0);
}

}  // namespace snapledger::storage
