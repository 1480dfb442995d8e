#include "storage/postgres_identity.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "storage/identity_roll.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr Statement kOpenPartition = {
    "open_partition",
    "select p.partition_number, p.open_time < now() - $1,"
    "   coalesce(pg_relation_size(to_regclass('identity_' || p.partition_number)), 0),"
    "   to_regclass('identity_' || (p.partition_number + 1)) is not null"
    " from identity_roll r"
    " join identity_partition p on p.partition_number = r.open_partition_number"
    " where r.id = 1"};

// The commits that come later see the new partition.
constexpr Statement kRoll = {"roll_partition",
                             "update identity_roll set open_partition_number = $1 + 1"
                             " where id = 1 and open_partition_number = $1"};

constexpr Statement kClosePartition = {
    "close_partition",
    "update identity_partition set close_time = now() where partition_number = $1"};

constexpr Statement kInsertPartition = {
    "insert_partition", "insert into identity_partition (partition_number) values ($1 + 1)"};

constexpr const char* kIdentityColumns[] = {
    "event_key",        "lot_id",     "content_digest", "event_time", "shard",
    "partition_number", "name_label", "source_label",   "usable",     "position"};

// A table name cannot be a parameter; the only varying part is a number of ours. Attaching a table
// that exists does not lock out the writers of the other partitions, creating one in place would.
// What ANALYZE would find out of its columns no plan has a use for, and LIKE does not copy it.
void EnsurePartition(Connection& connection, int32_t number) {
  const std::string table = absl::StrCat("identity_", number);
  std::string no_statistics = absl::StrCat("alter table ", table);
  const char* separator = " ";
  for (const char* const column : kIdentityColumns) {
    absl::StrAppend(&no_statistics, separator, "alter column ", column, " set statistics 0");
    separator = ", ";
  }
  connection.ExecuteScript(absl::StrCat("begin; create table if not exists ", table,
                                        " (like identity including all)"
                                        " with (autovacuum_freeze_min_age = 0); ",
                                        no_statistics,
                                        ";"
                                        " alter table identity attach partition ",
                                        table, " for values in (", number, "); commit"));
}

}  // namespace

absl::StatusOr<bool> PostgresIdentityPartitions::RollIfDue(absl::Duration age_max,
                                                           int64_t rows_max) {
  return WithConnection(pool_, [&](Connection& connection) {
    const Result open = connection.Execute(kOpenPartition, Parameters().Interval(age_max));
    const int32_t number = open.Int4(0, 0);
    const bool due = open.Bool(0, 1) || open.Int8(0, 2) >= rows_max * kIdentityRowBytes;
    const bool next_exists = open.Bool(0, 3);
    if (!next_exists) EnsurePartition(connection, number + 1);
    if (!due) return false;
    return InTransaction(connection, "begin", [&] {
      const Parameters partition = Parameters().Int4(number);
      HoldAppends(connection);
      const bool rolled = connection.Execute(kRoll, partition).affected_rows() == 1;
      if (rolled) {
        connection.Execute(kClosePartition, partition);
        connection.Execute(kInsertPartition, partition);
      }
      return Finish<bool>{rolled, rolled};
    });
  });
}

}  // namespace snapledger::storage
