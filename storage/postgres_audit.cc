#include "storage/postgres_audit.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "storage/audit_rows.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr int kEntriesVisitedMax = 2000;
constexpr int kChainPage = 1000;

constexpr Statement kListEntries = {
    "audit_list_entries",
    "select sequence, entry_time, actor, action, target, detail_json, previous_hash, hash"
    " from audit_entry where entry_time >= $1 and entry_time < $2"
    "   and (entry_time, sequence) < ($3, $4)"
    " order by entry_time desc, sequence desc limit $5"};

constexpr Statement kReadChain = {
    "audit_read_chain",
    "select sequence, entry_time, actor, action, target, detail_json, previous_hash, hash"
    " from audit_entry where sequence > $1 order by sequence limit $2"};

constexpr Statement kReadHead = {"audit_read_head",
                                 "select sequence, hash, entry_time from audit_head where id = 1"};

struct Head {
  int64_t sequence = 0;
  std::string hash;
  absl::Time time;
};

// Entries in order and the head of the same moment: what is appended between two pages is neither
// missed nor taken for a break.
struct ChainPage {
  std::vector<AuditRow> entries;
  std::optional<Head> head;
};

ChainPage ReadChainPage(Connection& connection, int64_t after) {
  ChainPage page;
  const Result rows = connection.Execute(kReadChain, Parameters().Int8(after).Int8(kChainPage));
  for (int row = 0; row < rows.row_count(); ++row) page.entries.push_back(ReadAuditRow(rows, row));
  const Result head = connection.Execute(kReadHead);
  if (head.row_count() == 1) page.head = Head{head.Int8(0, 0), head.Text(0, 1), head.Time(0, 2)};
  return page;
}

// The last entry that was found to hold.
struct Link {
  int64_t sequence = 0;
  std::string hash;
  absl::Time time = absl::InfinitePast();
};

// The sequence at which the head contradicts a chain that ends with `last`; 0 where it does not.
int64_t BreakAtHead(const Link& last, const std::optional<Head>& head) {
  if (!head.has_value() || head->sequence > last.sequence) return last.sequence + 1;
  if (head->sequence < last.sequence) return head->sequence + 1;
  const bool same = head->hash == last.hash && head->time == last.time;
  return same ? 0 : std::max<int64_t>(last.sequence, 1);
}

bool Follows(const Link& last, const AuditRow& entry) {
  return entry.sequence == last.sequence + 1 && entry.previous_hash == last.hash &&
         entry.hash == AuditHash(entry);
}

bool Passes(const AuditFilter& filter, const AuditRow& entry) {
  return (filter.actor.empty() || entry.record.actor == filter.actor) &&
         (filter.action.empty() || entry.record.action == filter.action);
}

}  // namespace

absl::StatusOr<AuditPage> PostgresAuditStore::List(const AuditFilter& filter,
                                                   const std::optional<AuditPlace>& before,
                                                   int limit) {
  const AuditPlace from =
      before.value_or(AuditPlace{absl::InfiniteFuture(), std::numeric_limits<int64_t>::max()});
  const bool selects = !filter.actor.empty() || !filter.action.empty();
  // One more than is looked at tells whether another follows.
  const int visited_max = selects ? std::max(kEntriesVisitedMax, limit) : limit;
  return WithConnection(pool_, [&](Connection& connection) {
    const Result rows =
        connection.Execute(kListEntries, Parameters()
                                             .Time(filter.start.value_or(absl::InfinitePast()))
                                             .Time(filter.end.value_or(absl::InfiniteFuture()))
                                             .Time(from.time)
                                             .Int8(from.sequence)
                                             .Int8(visited_max + 1));
    AuditPage page;
    for (int row = 0; row < rows.row_count(); ++row) {
      AuditRow entry = ReadAuditRow(rows, row);
      const AuditPlace place = {entry.time, entry.sequence};
      if (Passes(filter, entry)) page.entries.push_back(std::move(entry));
      const bool enough = page.entries.size() == static_cast<size_t>(limit);
      if ((enough || row + 1 == visited_max) && row + 1 < rows.row_count()) {
        page.stopped_at = place;
        break;
      }
    }
    return page;
  });
}

absl::StatusOr<AuditVerification> PostgresAuditStore::Verify() {
  AuditVerification verification;
  Link last;
  for (;;) {
    absl::StatusOr<ChainPage> page = RunTransaction(
        pool_, TransactionKind::kSnapshot,
        [&](Connection& connection) { return ReadChainPage(connection, last.sequence); });
    if (!page.ok()) return page.status();
    for (const AuditRow& entry : page->entries) {
      if (!Follows(last, entry)) {
        verification.first_broken_sequence = last.sequence + 1;
        return verification;
      }
      last = {entry.sequence, entry.hash, entry.time};
      ++verification.entries_checked;
    }
    if (page->entries.size() == kChainPage) continue;
    verification.first_broken_sequence = BreakAtHead(last, page->head);
    if (last.sequence > 0) verification.head_time = last.time;
    return verification;
  }
}

}  // namespace snapledger::storage
