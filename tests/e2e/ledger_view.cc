#include "tests/e2e/ledger_view.h"

#include <stdexcept>

#include "absl/status/statusor.h"
#include "storage/transaction.h"

namespace snapledger::e2e {
namespace {

using storage::Connection;
using storage::Parameters;
using storage::Result;
using storage::Statement;

constexpr Statement kStates = {
    "test_states", "select state::int, sum(event_count)::bigint from lot group by state"};

constexpr Statement kEverInDoubt = {"test_ever_in_doubt",
                                    "select coalesce(sum(event_count), 0)::bigint from lot"
                                    " where in_doubt_since is not null"};

constexpr Statement kAttemptErrors = {
    "test_attempt_errors",
    "select error, count(*) from attempt where outcome > 0 and error <> '' group by error"};

constexpr Statement kReaped = {"test_reaped",
                               "select count(*), coalesce(extract(epoch from"
                               "   max(recorded_time - greatest(lease_end_time, $1))), 0)::float8"
                               " from attempt where state_reason = 'OWNER_VANISHED'"};

constexpr Statement kOpenAttempts = {"test_open_attempts",
                                     "select count(*) from attempt where outcome = 0"};

constexpr Statement kDelivered = {
    "test_delivered",
    "select (1000 * extract(epoch from l.final_time - l.received_time))::float8, l.event_count"
    " from lot l join shard s on s.shard = l.shard"
    " join destination d on d.destination_number = s.destination_number"
    " where d.destination_id = $1 and l.received_time >= $2 and l.state = 4"};

constexpr Statement kAgeDoubt = {
    "test_age_doubt", "update lot set first_sent_time = first_sent_time - $1 where state = 3"};

Result Ask(storage::ConnectionPool& pool, const Statement& statement,
           const Parameters& parameters = {}) {
  absl::StatusOr<Result> result = storage::WithConnection(
      pool,
      [&](Connection& connection) -> Result { return connection.Execute(statement, parameters); });
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return *std::move(result);
}

}  // namespace

std::map<v1::DeliveryState, int64_t> LedgerView::States() {
  std::map<v1::DeliveryState, int64_t> states;
  const Result rows = Ask(pool_, kStates);
  for (int row = 0; row < rows.row_count(); ++row) {
    states[static_cast<v1::DeliveryState>(rows.Int4(row, 0))] = rows.Int8(row, 1);
  }
  return states;
}

int64_t LedgerView::EverInDoubt() { return Ask(pool_, kEverInDoubt).Int8(0, 0); }

std::map<std::string, int64_t> LedgerView::AttemptErrors() {
  std::map<std::string, int64_t> errors;
  const Result rows = Ask(pool_, kAttemptErrors);
  for (int row = 0; row < rows.row_count(); ++row) errors[rows.Text(row, 0)] = rows.Int8(row, 1);
  return errors;
}

LedgerView::Reaping LedgerView::ReapedSince(absl::Time serving_since) {
  const Result row = Ask(pool_, kReaped, Parameters().Time(serving_since));
  return {.attempts = row.Int8(0, 0), .latest = absl::Seconds(row.Float8(0, 1))};
}

int64_t LedgerView::OpenAttempts() { return Ask(pool_, kOpenAttempts).Int8(0, 0); }

std::vector<double> LedgerView::DeliveryMilliseconds(const std::string& destination,
                                                     absl::Time since) {
  std::vector<double> milliseconds;
  const Result rows = Ask(pool_, kDelivered, Parameters().Text(destination).Time(since));
  for (int row = 0; row < rows.row_count(); ++row) {
    milliseconds.insert(milliseconds.end(), static_cast<size_t>(rows.Int4(row, 1)),
                        rows.Float8(row, 0));
  }
  return milliseconds;
}

void LedgerView::AgeDoubt(absl::Duration age) { Ask(pool_, kAgeDoubt, Parameters().Interval(age)); }

}  // namespace snapledger::e2e
