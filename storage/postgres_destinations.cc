#include "storage/postgres_destinations.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/audit_detail.h"
#include "storage/audit_rows.h"
#include "storage/destination_lanes.h"
#include "storage/destination_rows.h"
#include "storage/identity_roll.h"
#include "storage/settings_changes.h"
#include "storage/state_counts.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

// So that a token can be replaced while the other still works.
constexpr int64_t kTokensMax = 2;

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
    // The newest by time too, however long this transaction waited for others of its kind.
    "insert into destination_token (destination_number, token_id, sealed, create_time)"
    " select $1, $2, $3, greatest(now(), max(create_time) + interval '1 microsecond')"
    " from destination_token where destination_number = $1"
    " on conflict (destination_number, token_id) do nothing"};

constexpr Statement kDropOtherTokens = {
    "destination_drop_other_tokens",
    "delete from destination_token where destination_number = $1 and token_id <> $2"};

constexpr Statement kDropOldTokens = {
    "destination_drop_old_tokens",
    "delete from destination_token where destination_number = $1 and token_id in"
    " (select token_id from destination_token where destination_number = $1"
    "   order by create_time desc offset $2)"};

constexpr Statement kFindNumber = {
    "destination_find_number",
    "select destination_number from destination where destination_id = $1"
    " and delete_time is null"};

constexpr Statement kListNumbers = {
    "destination_list_numbers",
    "select destination_number from destination where destination_id > $1"
    " and delete_time is null order by destination_id limit $2"};

constexpr Statement kLockDestination = {
    "destination_lock",
    "select destination_number, lane_count, pause_kind, paused_reason from destination"
    " where destination_id = $1 and delete_time is null for update"};

constexpr Statement kLockDeleted = {
    "destination_lock_deleted",
    "select destination_number, lane_count, kind from destination"
    " where destination_id = $1 and delete_time is not null for update"};

constexpr Statement kDelete = {
    "destination_delete",
    "update destination set delete_time = now(), pause_kind = 0, paused_reason = '',"
    "  update_time = now() where destination_number = $1"};

constexpr Statement kRevive = {
    "destination_revive",
    "update destination set delete_time = null, create_time = now() where destination_number = $1"};

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
    "update destination set pause_kind = $2, update_time = now(), paused_reason ="
    "  case when $3 = '' and pause_kind <> 0 and $2 <> 0 then paused_reason else $3 end"
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

[[noreturn]] void ThrowNotFound(std::string_view destination_id) {
  throw StatusError(
      absl::NotFoundError(absl::StrCat("no destination ", std::string(destination_id))));
}

struct LockedDestination {
  int32_t number = 0;
  int32_t lane_count = 0;
  PauseKind pause_kind = PauseKind::kNone;
  std::string paused_reason;
};

// Whoever changes a destination or its shards takes its row first.
LockedDestination Lock(Connection& connection, std::string_view destination_id) {
  const Result rows = connection.Execute(kLockDestination, Parameters().Text(destination_id));
  if (rows.row_count() == 0) ThrowNotFound(destination_id);
  return {rows.Int4(0, 0), rows.Int4(0, 1), static_cast<PauseKind>(rows.Int2(0, 2)),
          rows.Text(0, 3)};
}

void SetPause(Connection& connection, int32_t number, PauseKind kind, std::string_view reason) {
  connection.Execute(kSetPause,
                     Parameters().Int4(number).Int2(static_cast<int16_t>(kind)).Text(reason));
  connection.Execute(kind == PauseKind::kNone ? kResumeShards : kPauseShards,
                     Parameters().Int4(number));
}

void SetSettings(Connection& connection, int32_t number, std::string_view display_name,
                 const DestinationSettings& settings) {
  Parameters values;
  values.Int4(number).Text(display_name);
  AddSettings(settings, &values);
  connection.Execute(kUpdateDestination, values);
}

void Audit(Connection& connection, std::string_view actor, const char* action,
           std::string_view destination_id, const AuditDetail& detail) {
  AppendAuditEntry(connection, {.actor = std::string(actor),
                                .action = action,
                                .target = std::string(destination_id),
                                .detail_json = detail.json()});
}

const char* KindName(int16_t kind) { return kind == 1 ? "PIXEL" : "APP"; }

// Every request that Snap refuses holds the destination: that is one hold. An operator who gives
// another reason did something.
bool IsAnotherPause(const LockedDestination& locked, PauseKind kind, std::string_view reason) {
  if (kind != locked.pause_kind) return true;
  return kind == PauseKind::kOperator && !reason.empty() && reason != locked.paused_reason;
}

// Makes the row and its shards; nullopt where there is one by that id.
std::optional<int32_t> Insert(Connection& connection,
                              const DestinationStore::NewDestination& destination) {
  Parameters values;
  values.Text(destination.destination_id)
      .Int2(destination.kind)
      .Int4(destination.settings.lane_count)
      .Text(destination.display_name);
  AddSettings(destination.settings, &values);
  const Result inserted = connection.Execute(kInsertDestination, values);
  if (inserted.row_count() == 0) return std::nullopt;
  const int32_t number = inserted.Int4(0, 0);
  EnsureShards(connection, number, destination.settings.lane_count);
  return number;
}

// Takes a deleted destination up again, with its shards and so with all that is known of its
// events.
int32_t Revive(Connection& connection, const DestinationStore::NewDestination& destination) {
  const Result deleted =
      connection.Execute(kLockDeleted, Parameters().Text(destination.destination_id));
  if (deleted.row_count() == 0) {
    throw StatusError(absl::AlreadyExistsError(
        absl::StrCat("destination ", destination.destination_id, " exists")));
  }
  const int32_t number = deleted.Int4(0, 0);
  const int32_t lane_count = deleted.Int4(0, 1);
  if (deleted.Int2(0, 2) != destination.kind) {
    throw StatusError(absl::InvalidArgumentError("a deleted destination is of another kind"));
  }
  connection.Execute(kRevive, Parameters().Int4(number));
  SetSettings(connection, number, destination.display_name, destination.settings);
  if (destination.settings.lane_count != lane_count) {
    ChangeLaneCount(connection, number, lane_count, destination.settings.lane_count);
  }
  SetPause(connection, number, PauseKind::kNone, "");
  return number;
}

// By the queue itself, of a long one the first thousand lots, and the attempts that are open.
constexpr Statement kFindOpen = {
    "destination_find_open",
    "select (select coalesce(sum(event_count), 0)::bigint from (select event_count from lot"
    "     where shard = $1 and queue > 0 limit 1000) l),"
    "   (select coalesce(sum(event_count), 0)::bigint from attempt"
    "     where shard = $1 and outcome = 0)"};

// What waits or is in flight though the counts do not say so: they are wrong where the clock of the
// database has jumped, and what is deleted is never sent.
void FindOpen(Connection& connection, int32_t shard, DestinationStore::OpenEvents* open) {
  const Result found = connection.Execute(kFindOpen, Parameters().Int4(shard));
  if (open->pending == 0 && open->in_doubt == 0) open->pending = found.Int8(0, 0);
  if (open->in_flight == 0) open->in_flight = found.Int8(0, 1);
}

DestinationStore::OpenEvents CountOpen(Connection& connection, const std::vector<int32_t>& shards) {
  DestinationStore::OpenEvents open;
  for (const int32_t shard : shards) {
    StateCounts counts = CountStates(connection, shard);
    open.pending += counts[DeliveryState::kPending];
    open.in_flight += counts[DeliveryState::kInFlight];
    open.in_doubt += counts[DeliveryState::kInDoubt];
    FindOpen(connection, shard, &open);
  }
  return open;
}

}  // namespace

absl::StatusOr<Destination> PostgresDestinationStore::Create(const NewDestination& destination,
                                                             std::string_view actor) {
  return RunTransaction(pool_, TransactionKind::kReadWrite, [&](Connection& connection) {
    const std::optional<int32_t> made = Insert(connection, destination);
    const int32_t number = made.has_value() ? *made : Revive(connection, destination);
    connection.Execute(
        kInsertToken,
        Parameters().Int4(number).Text(destination.token_id).Bytes(destination.sealed_token));
    Destination stored = ReadOne(connection, number);
    Audit(connection, actor, "CreateDestination", destination.destination_id,
          AuditDetail()
              .Text("kind", KindName(destination.kind))
              .Flag("taken_up_again", !made.has_value())
              .Text("token_id", destination.token_id)
              .Text("display_name", destination.display_name)
              .Object("settings", SettingsChanges({}, stored.settings)));
    return stored;
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
                                                             const DestinationSettings& settings,
                                                             std::string_view actor) {
  return RunTransaction(pool_, TransactionKind::kReadWrite, [&](Connection& connection) {
    const LockedDestination locked = Lock(connection, destination_id);
    const Destination before = ReadOne(connection, locked.number);
    SetSettings(connection, locked.number, display_name, settings);
    if (settings.lane_count != 0 && settings.lane_count != locked.lane_count) {
      ChangeLaneCount(connection, locked.number, locked.lane_count, settings.lane_count);
    }
    Destination after = ReadOne(connection, locked.number);
    Audit(connection, actor, "UpdateDestination", destination_id,
          AuditDetail()
              .Text("display_name", display_name)
              .Object("settings", SettingsChanges(before.settings, after.settings)));
    return after;
  });
}

absl::StatusOr<DestinationStore::OpenEvents> PostgresDestinationStore::Delete(
    std::string_view destination_id, std::string_view actor) {
  return RunTransaction(pool_, TransactionKind::kReadWrite, [&](Connection& connection) {
    const int32_t number = Lock(connection, destination_id).number;
    const std::vector<int32_t> shards = ShardsOf(connection, number);
    for (const int32_t shard : shards) HoldFolding(connection, shard);
    // Counted before, so that a refusal holds nobody up, and again once nothing can be added.
    OpenEvents open = CountOpen(connection, shards);
    if (!open.none()) return open;
    HoldAppends(connection);
    open = CountOpen(connection, shards);
    if (!open.none()) return open;
    AdvanceLaneEpoch(connection);
    connection.Execute(kDropOldTokens, Parameters().Int4(number).Int8(0));
    connection.Execute(kDelete, Parameters().Int4(number));
    Audit(connection, actor, "DeleteDestination", destination_id, {});
    return open;
  });
}

absl::StatusOr<Destination> PostgresDestinationStore::RotateToken(std::string_view destination_id,
                                                                  std::string_view token_id,
                                                                  std::string_view sealed,
                                                                  bool drop_others,
                                                                  std::string_view actor) {
  return RunTransaction(pool_, TransactionKind::kReadWrite, [&](Connection& connection) {
    const LockedDestination locked = Lock(connection, destination_id);
    // None where one by that id lives: the call is a repetition, which must drop no other for it.
    const bool added =
        connection
            .Execute(kInsertToken, Parameters().Int4(locked.number).Text(token_id).Bytes(sealed))
            .affected_rows() > 0;
    const Result dropped =
        drop_others
            ? connection.Execute(kDropOtherTokens, Parameters().Int4(locked.number).Text(token_id))
            : connection.Execute(kDropOldTokens, Parameters().Int4(locked.number).Int8(kTokensMax));
    const bool ends_hold = locked.pause_kind == PauseKind::kHeld;
    if (ends_hold) SetPause(connection, locked.number, PauseKind::kNone, "");
    Destination after = ReadOne(connection, locked.number);
    if (!added && dropped.affected_rows() == 0 && !ends_hold) return after;
    Audit(connection, actor, "RotateDestinationToken", destination_id,
          AuditDetail()
              .Text("token_id", token_id)
              .Flag("added", added)
              .Flag("drop_others", drop_others)
              .Flag("ended_hold", ends_hold));
    return after;
  });
}

absl::StatusOr<Destination> PostgresDestinationStore::Pause(std::string_view destination_id,
                                                            PauseKind kind, std::string_view reason,
                                                            std::string_view actor) {
  if (kind == PauseKind::kNone) return absl::InvalidArgumentError("a pause needs a kind");
  return RunTransaction(pool_, TransactionKind::kReadWrite, [&](Connection& connection) {
    const LockedDestination locked = Lock(connection, destination_id);
    const bool takes_effect =
        kind == PauseKind::kOperator || locked.pause_kind != PauseKind::kOperator;
    if (takes_effect) SetPause(connection, locked.number, kind, reason);
    Destination after = ReadOne(connection, locked.number);
    if (takes_effect && IsAnotherPause(locked, kind, reason)) {
      Audit(connection, actor,
            kind == PauseKind::kOperator ? "PauseDestination" : "HoldDestination", destination_id,
            AuditDetail().Text("reason", reason));
    }
    return after;
  });
}

absl::StatusOr<Destination> PostgresDestinationStore::Resume(std::string_view destination_id,
                                                             PauseKind only,
                                                             std::string_view actor) {
  return RunTransaction(pool_, TransactionKind::kReadWrite, [&](Connection& connection) {
    const LockedDestination locked = Lock(connection, destination_id);
    const bool meant = only == PauseKind::kNone || locked.pause_kind == only;
    if (!meant || locked.pause_kind == PauseKind::kNone) {
      return ReadOne(connection, locked.number);
    }
    SetPause(connection, locked.number, PauseKind::kNone, "");
    Destination after = ReadOne(connection, locked.number);
    Audit(connection, actor, "ResumeDestination", destination_id,
          AuditDetail().Flag("ended_hold", locked.pause_kind == PauseKind::kHeld));
    return after;
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
