#include "tests/checker/ledger_reader.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <tuple>

#include "services/base/clock.h"
#include "services/base/status_macros.h"
#include "services/destinations/token_context.h"
#include "services/event/sha256.h"
#include "services/lots/open_lot.h"
#include "services/security/envelope.h"
#include "services/security/key_file.h"
#include "storage/postgres_data_keys.h"
#include "storage/transaction.h"
#include "tests/checker/recount.h"

namespace snapledger::checker {
namespace {

using storage::Connection;
using storage::Result;
using storage::Statement;

// Reading takes as long as it takes; what others change meanwhile is not seen.
constexpr char kBegin[] =
    "begin isolation level repeatable read, read only;"
    " set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0";

constexpr Statement kDestinations = {
    "checker_destinations",
    "select destination_number, destination_id, max_requests_per_second, lane_count,"
    "   gzip_requests, pause_kind > 0 or delete_time is not null, dedup_window_ms,"
    "   purchase_dedup_window_ms,"
    "   greatest(max_age_web_ms, max_age_mobile_app_ms, max_age_offline_ms), now()"
    " from destination order by destination_number"};
constexpr Statement kShards = {"checker_shards", "select shard, destination_number from shard"};
constexpr Statement kTokens = {
    "checker_tokens", "select destination_number, token_id, sealed from destination_token"};

// The rows of a large table come in pieces.
struct Cursor {
  Statement declare;
  Statement fetch;
};

constexpr Cursor kIdentities = {
    {"checker_declare_identity",
     "declare checker_identity no scroll cursor for"
     " select shard, event_key, lot_id, position, event_time from identity"},
    {"checker_fetch_identity", "fetch forward 20000 from checker_identity"}};
constexpr Cursor kSlices = {
    {"checker_declare_lot",
     "declare checker_lot no scroll cursor for"
     " select shard, lot_id, first_position, last_position, event_count, state, queue, fence,"
     "   next_attempt_time, attempt_count, definite_failures, last_attempt_id,"
     "   in_doubt_since is not null from lot"},
    {"checker_fetch_lot", "fetch forward 20000 from checker_lot"}};
constexpr Cursor kAttempts = {
    {"checker_declare_attempt",
     "declare checker_attempt no scroll cursor for"
     " select a.shard, a.attempt_id, a.sent_time, a.recorded_time, a.outcome, a.late_outcome,"
     "   a.from_state, a.to_state, a.event_count, a.left_count, a.body_sha256, a.token_id,"
     "   a.state_reason = 'OWNER_VANISHED', b.lot_ids, b.first_positions, b.last_positions,"
     "   b.fences, b.previous_attempt_ids"
     " from attempt a join batch b on b.shard = a.shard and b.batch_id = a.batch_id"},
    {"checker_fetch_attempt", "fetch forward 5000 from checker_attempt"}};
constexpr Cursor kTransitions = {
    {"checker_declare_transition",
     "declare checker_transition no scroll cursor for"
     " select shard, lot_id, transition_time, first_position, last_position, from_state, to_state,"
     "   actor <> 'dispatcher' from transition"},
    {"checker_fetch_transition", "fetch forward 20000 from checker_transition"}};
constexpr Cursor kPayloads = {
    {"checker_declare_payload",
     "declare checker_payload no scroll cursor for select p.shard, p.lot_id, p.payload"
     " from lot_payload p"},
    {"checker_fetch_payload", "fetch forward 200 from checker_payload"}};
constexpr Cursor kTexts = {
    {"checker_declare_text",
     "declare checker_text no scroll cursor for select error from attempt union"
     " select snap_reason from attempt union select state_reason from attempt union"
     " select reason from transition union select snap_reason from transition union"
     " select state_reason from lot union select paused_reason from destination"},
    {"checker_fetch_text", "fetch forward 20000 from checker_text"}};

void ReadAll(Connection& connection, const Cursor& cursor,
             const std::function<void(const Result&, int)>& take_row) {
  connection.Execute(cursor.declare);
  while (true) {
    const Result rows = connection.Execute(cursor.fetch);
    for (int row = 0; row < rows.row_count(); ++row) take_row(rows, row);
    if (rows.row_count() == 0) return;
  }
}

Micros TimeAt(const Result& rows, int row, int column) {
  return absl::ToUnixMicros(rows.Time(row, column));
}

Sha256Bytes DigestAt(const Result& rows, int row, int column) {
  Sha256Bytes digest{};
  const std::string_view bytes = rows.Bytes(row, column);
  std::memcpy(digest.data(), bytes.data(), std::min(bytes.size(), digest.size()));
  return digest;
}

Sha256Bytes Sha256Of(std::string_view text) {
  const event::Sha256Digest digest = event::Sha256(text);
  Sha256Bytes bytes{};
  std::copy(digest.begin(), digest.end(), bytes.begin());
  return bytes;
}

class Reading {
 public:
  Reading(Connection& connection, security::Envelope& envelope, Evidence* evidence, Report* report)
      : connection_(connection), envelope_(envelope), evidence_(*evidence), report_(*report) {}

  void ReadRows() {
    ReadDestinations();
    ReadTokens();
    ReadAll(connection_, kIdentities, [this](const Result& rows, int row) { AddEvent(rows, row); });
    ReadAll(connection_, kSlices, [this](const Result& rows, int row) { AddSlice(rows, row); });
    ReadAll(connection_, kAttempts, [this](const Result& rows, int row) { AddAttempt(rows, row); });
    ReadAll(connection_, kTransitions,
            [this](const Result& rows, int row) { AddTransition(rows, row); });
    ReadAll(connection_, kTexts,
            [this](const Result& rows, int row) { evidence_.texts.push_back(rows.Text(row, 0)); });
    Sort();
    ReadAll(connection_, kPayloads, [this](const Result& rows, int row) { AddLot(rows, row); });
    report_.Checked(1, lots_opened_, "lots opened");
  }

 private:
  void ReadDestinations() {
    const Result rows = connection_.Execute(kDestinations);
    absl::flat_hash_map<int32_t, int16_t> by_number;
    for (int row = 0; row < rows.row_count(); ++row) {
      by_number[rows.Int4(row, 0)] = static_cast<int16_t>(evidence_.destinations.size());
      evidence_.destinations.push_back({.number = rows.Int4(row, 0),
                                        .id = rows.Text(row, 1),
                                        .max_requests_per_second = rows.Float8(row, 2),
                                        .lane_count = rows.Int4(row, 3),
                                        .gzip_requests = rows.Bool(row, 4),
                                        .paused = rows.Bool(row, 5),
                                        .dedup_window = 1000 * rows.Int8(row, 6),
                                        .purchase_dedup_window = 1000 * rows.Int8(row, 7),
                                        .max_age = 1000 * rows.Int8(row, 8)});
      evidence_.database_now = TimeAt(rows, row, 9);
    }
    const Result shards = connection_.Execute(kShards);
    for (int row = 0; row < shards.row_count(); ++row) {
      evidence_.destination_of_shard[shards.Int4(row, 0)] = by_number.at(shards.Int4(row, 1));
    }
  }

  void ReadTokens() {
    const Result rows = connection_.Execute(kTokens);
    for (int row = 0; row < rows.row_count(); ++row) {
      for (DestinationFacts& destination : evidence_.destinations) {
        if (destination.number != rows.Int4(row, 0)) continue;
        const std::string token_id = rows.Text(row, 1);
        const absl::StatusOr<base::Secret> token = envelope_.OpenSecret(
            rows.Bytes(row, 2), destinations::TokenContext(destination.id, token_id));
        if (!token.ok()) throw storage::StatusError(token.status());
        destination.tokens[token_id] = Sha256Of(token->Reveal());
      }
    }
  }

  void AddEvent(const Result& rows, int row) {
    const int32_t shard = rows.Int4(row, 0);
    EventFacts& event = evidence_.events[evidence_.EventOf(evidence_.destination_of_shard.at(shard),
                                                           rows.UuidValue(row, 1))];
    if (event.stored) report_.Violation(1, "stored twice: " + Describe(evidence_, event));
    event.stored = true;
    event.shard = shard;
    event.lot_id = rows.Int8(row, 2);
    event.position = rows.Int2(row, 3);
    event.event_time = TimeAt(rows, row, 4);
  }

  void AddSlice(const Result& rows, int row) {
    evidence_.slices.push_back(
        {.last_attempt = rows.OptionalUuid(row, 11).value_or(storage::Uuid{}),
         .lot_id = rows.Int8(row, 1),
         .fence = rows.Int8(row, 7),
         .next_attempt_time = TimeAt(rows, row, 8),
         .shard = rows.Int4(row, 0),
         .event_count = rows.Int4(row, 4),
         .attempt_count = rows.Int4(row, 9),
         .first_position = rows.Int2(row, 2),
         .last_position = rows.Int2(row, 3),
         .definite_failures = rows.Int2(row, 10),
         .state = static_cast<storage::DeliveryState>(rows.Int2(row, 5)),
         .queue = static_cast<storage::Queue>(rows.Int2(row, 6)),
         .doubted = rows.Bool(row, 12)});
  }

  void AddAttempt(const Result& rows, int row) {
    const std::vector<int64_t> lots = rows.Int8Array(row, 13), fences = rows.Int8Array(row, 16);
    const std::vector<int16_t> firsts = rows.Int2Array(row, 14), lasts = rows.Int2Array(row, 15);
    const std::vector<storage::Uuid> previous = rows.UuidArray(row, 17);
    AttemptFacts attempt = {.id = rows.UuidValue(row, 1),
                            .body = DigestAt(rows, row, 10),
                            .sent_time = TimeAt(rows, row, 2),
                            .first_slice = static_cast<uint32_t>(evidence_.sent_slices.size()),
                            .slice_count = static_cast<uint32_t>(lots.size()),
                            .shard = rows.Int4(row, 0),
                            .event_count = rows.Int4(row, 8),
                            .left_count = rows.Int4(row, 9),
                            .outcome = static_cast<storage::AttemptOutcome>(rows.Int2(row, 4)),
                            .from_state = static_cast<storage::DeliveryState>(rows.Int2(row, 6)),
                            .to_state = static_cast<storage::DeliveryState>(rows.Int2(row, 7)),
                            .owner_vanished = rows.Bool(row, 12),
                            .token_id = rows.Text(row, 11)};
    if (!rows.IsNull(row, 3)) attempt.recorded_time = TimeAt(rows, row, 3);
    if (!rows.IsNull(row, 5)) {
      attempt.late_outcome = static_cast<storage::AttemptOutcome>(rows.Int2(row, 5));
    }
    evidence_.attempts.push_back(std::move(attempt));
    for (size_t i = 0; i < lots.size(); ++i) {
      evidence_.sent_slices.push_back({.previous_attempt = previous[i],
                                       .lot_id = lots[i],
                                       .fence = fences[i],
                                       .first_position = firsts[i],
                                       .last_position = lasts[i]});
    }
  }

  void AddTransition(const Result& rows, int row) {
    evidence_.transitions.push_back(
        {.time = TimeAt(rows, row, 2),
         .lot_id = rows.Int8(row, 1),
         .shard = rows.Int4(row, 0),
         .first_position = rows.Int2(row, 3),
         .last_position = rows.Int2(row, 4),
         .from_state = static_cast<storage::DeliveryState>(rows.Int2(row, 5)),
         .to_state = static_cast<storage::DeliveryState>(rows.Int2(row, 6)),
         .by_operator = rows.Bool(row, 7)});
  }

  void Sort() {
    std::sort(evidence_.slices.begin(), evidence_.slices.end(),
              [](const SliceFacts& a, const SliceFacts& b) {
                return std::tie(a.shard, a.lot_id, a.first_position) <
                       std::tie(b.shard, b.lot_id, b.first_position);
              });
    std::sort(
        evidence_.attempts.begin(), evidence_.attempts.end(),
        [](const AttemptFacts& a, const AttemptFacts& b) { return a.sent_time < b.sent_time; });
    std::sort(evidence_.transitions.begin(), evidence_.transitions.end(),
              [](const TransitionFacts& a, const TransitionFacts& b) {
                return std::tie(a.shard, a.lot_id, a.time) < std::tie(b.shard, b.lot_id, b.time);
              });
    for (uint32_t i = 0; i < evidence_.events.size(); ++i) {
      if (evidence_.events[i].stored) by_lot_.push_back(i);
    }
    std::sort(by_lot_.begin(), by_lot_.end(),
              [this](uint32_t a, uint32_t b) { return PlaceOf(a) < PlaceOf(b); });
  }

  std::tuple<int32_t, int64_t, int16_t> PlaceOf(uint32_t event) const {
    const EventFacts& facts = evidence_.events[event];
    return {facts.shard, facts.lot_id, facts.position};
  }

  void AddLot(const Result& rows, int row) {
    const int32_t shard = rows.Int4(row, 0);
    const int64_t lot_id = rows.Int8(row, 1);
    const auto lot = lots::OpenLot::Open(envelope_, rows.Bytes(row, 2), {shard, lot_id});
    if (!lot.ok() && !absl::IsDataLoss(lot.status())) throw storage::StatusError(lot.status());
    ++lots_opened_;
    const std::tuple<int32_t, int64_t, int16_t> begin = {shard, lot_id, 0};
    auto event = std::lower_bound(
        by_lot_.begin(), by_lot_.end(), begin,
        [this](uint32_t index, const auto& place) { return PlaceOf(index) < place; });
    for (; event != by_lot_.end(); ++event) {
      EventFacts& facts = evidence_.events[*event];
      if (facts.shard != shard || facts.lot_id != lot_id) break;
      const size_t position = static_cast<size_t>(facts.position);
      if (!lot.ok() || position >= (*lot)->frames().size() || (*lot)->frames()[position].empty()) {
        report_.Violation(1, "its content is not stored: " + Describe(evidence_, facts));
        continue;
      }
      const event::Frame& frame = (*lot)->frames()[position];
      facts.frozen_bytes = Beginning(Sha256Of(frame.json));
      facts.purchase_with_order_id = frame.header.purchase_with_order_id;
    }
  }

  Connection& connection_;
  security::Envelope& envelope_;
  Evidence& evidence_;
  Report& report_;
  std::vector<uint32_t> by_lot_;  // stored events by place
  int64_t lots_opened_ = 0;
};

}  // namespace

absl::Status ReadLedger(storage::ConnectionPool& pool, const std::string& key_file,
                        Evidence* evidence, Report* report) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const security::KeyRing keys, security::LoadKeyFile(key_file));
  storage::PostgresDataKeyStore data_keys(pool);
  security::Envelope envelope(keys, data_keys, base::Clock::Real());
  return storage::WithConnection(pool,
                                 [&](Connection& connection) {
                                   connection.ExecuteScript(kBegin);
                                   Reading(connection, envelope, evidence, report).ReadRows();
                                   Recount(connection, *evidence, report);
                                   connection.ExecuteScript("commit");
                                   return true;
                                 })
      .status();
}

}  // namespace snapledger::checker
