// The filters of closed identity partitions: made of the keys this process appended and of those
// others did, kept as a row, read into memory. postgres_append.cc asks them.

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "storage/postgres_identity.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr Statement kFindUnfiltered = {
    "find_unfiltered",
    // The newest first: it is what repeats are most likely about.
    "select p.partition_number, server_life(), pg_relation_filenode(s.identity)::bigint,"
    "   s.bytes, (s.bytes / current_setting('block_size')::int)::int,"
    "   (select coalesce(bool_and(a.appender_id = $3), false) from identity_appender a"
    "     where a.partition_number = p.partition_number)"
    " from identity_partition p,"
    "   lateral (select to_regclass('identity_' || p.partition_number) identity,"
    "     pg_relation_size(to_regclass('identity_' || p.partition_number)) bytes) s"
    " where p.close_time > now() - $1 and not exists ("
    "   select 1 from identity_filter f"
    "   where f.partition_number = p.partition_number and f.format = $2)"
    " order by p.partition_number desc limit 1"};

// By ranges of pages, in their order: in the order of the index a million rows would be fetched one
// by one. NOT IN is a look into a hash table, whatever the planner thinks of the array's length.
constexpr Statement kOtherKeys = {
    "other_keys",
    "select i.shard, i.event_key from identity i where i.partition_number = $1"
    "   and i.ctid >= ('(' || $2::int || ',0)')::tid and i.ctid < ('(' || $3::int || ',0)')::tid"
    "   and (i.shard, i.lot_id) not in (select * from unnest($4::int[], $5::bigint[]))"};

constexpr int32_t kPagesAtOnce = 512;  // some 50,000 keys

// A pause after each of these, for so many times as long as it took: at once, a million keys that
// are read take one of two processors for more than a second, and all calls wait
// (docs/decisions/0039).
constexpr int kPausePerWork = 3;
constexpr absl::Duration kPauseMax = absl::Seconds(1);

// Appends under way end sooner, or do not end well.
constexpr absl::Duration kAppendsUnderWayMax = absl::Seconds(1);

// Nothing is inserted in another life than that in which the keys were read, nor where the
// partition's rows were moved meanwhile, as VACUUM FULL does, maybe to pages that had been read.
constexpr Statement kInsertFilter = {
    "insert_filter",
    "insert into identity_filter (partition_number, format, key_count, filter, filter_sha256)"
    " select $1, $2, $3, $4, sha256($4)"
    " where server_life() = $5"
    "   and pg_relation_filenode(to_regclass('identity_' || $1::int))::bigint = $6"
    " on conflict do nothing"};

constexpr Statement kDropOldFilters = {
    "drop_old_filters",
    "delete from identity_filter f using identity_partition p"
    " where p.partition_number = f.partition_number and p.close_time <= now() - $1"};

constexpr Statement kDropAppenders = {"drop_appenders",
                                      "delete from identity_appender a using identity_filter f"
                                      " where f.partition_number = a.partition_number"};

constexpr Statement kListFilters = {
    "list_filters",
    "select p.partition_number, f.filter is not null, coalesce(octet_length(f.filter), 0),"
    "   server_life()"
    " from identity_partition p left join identity_filter f"
    "   on f.partition_number = p.partition_number and f.format = $2"
    " where p.close_time > now() - $1 order by p.partition_number desc"};

constexpr Statement kCheckFilter = {"check_filter",
                                    "select sha256(filter) = filter_sha256 from identity_filter"
                                    " where partition_number = $1 and format = $2"};

// A connection's buffer grows to the largest row it was given, and never shrinks.
constexpr int kFilterPartBytes = 64 << 10;
constexpr Statement kReadFilterPart = {
    "read_filter_part",
    "select substring(filter from $3 for $4) from identity_filter"
    " where partition_number = $1 and format = $2"};

constexpr Statement kDropFilter = {
    "drop_filter", "delete from identity_filter where partition_number = $1 and format = $2"};

struct NewFilter {
  KeyFilter filter;
  int64_t key_count = 0;
};

void PauseAfterWork(absl::Time begin, const absl::Notification& stop) {
  const absl::Duration pause = std::min((absl::Now() - begin) * kPausePerWork, kPauseMax);
  if (stop.WaitForNotificationWithTimeout(pause)) {
    throw StatusError(absl::CancelledError("this process is stopping"));
  }
}

// Reads the keys of all lots but those known.
void AddOthers(Connection& connection, int32_t partition, int32_t page_count,
               const AppendedKeys::OfPartition& known, const absl::Notification& stop,
               NewFilter* made) {
  std::vector<int32_t> shards;
  std::vector<int64_t> lot_ids;
  for (const AppendedKeys::Lot& lot : known.lots) {
    shards.push_back(lot.shard);
    lot_ids.push_back(lot.lot_id);
  }
  for (int32_t page = 0; page < page_count; page += kPagesAtOnce) {
    const absl::Time begin = absl::Now();
    const Result keys = connection.Execute(kOtherKeys, Parameters()
                                                           .Int4(partition)
                                                           .Int4(page)
                                                           .Int4(page + kPagesAtOnce)
                                                           .Int4Array(shards)
                                                           .Int8Array(lot_ids));
    for (int row = 0; row < keys.row_count(); ++row) {
      made->filter.Add(KeyFilter::HashOf(keys.Int4(row, 0), keys.UuidValue(row, 1)));
    }
    made->key_count += keys.row_count();
    PauseAfterWork(begin, stop);
  }
}

Parameters WindowAndFormat() {
  return Parameters().Interval(kIdentityWindow).Int2(KeyFilter::kFormat);
}

// False: the row is gone. A row never changes, so that its parts fit.
bool ReadParts(Connection& connection, int32_t partition, size_t byte_count, std::byte* place) {
  size_t read = 0;
  while (read < byte_count) {
    const Result row = connection.Execute(kReadFilterPart, Parameters()
                                                               .Int4(partition)
                                                               .Int2(KeyFilter::kFormat)
                                                               .Int4(static_cast<int32_t>(read) + 1)
                                                               .Int4(kFilterPartBytes));
    if (row.row_count() == 0) return false;
    const std::string_view part = row.Bytes(0, 0);
    if (part.empty() || part.size() > byte_count - read) return false;
    std::memcpy(place + read, part.data(), part.size());
    read += part.size();
  }
  return true;
}

// nullptr: there is no room, or the row is gone, or was damaged and is now gone. Room comes first:
// where there is none nothing is asked, turn after turn.
std::shared_ptr<const KeyFilter> ReadFilter(Connection& connection, int32_t partition,
                                            size_t byte_count, FilterMemory& memory,
                                            FiltersRead* read) {
  std::shared_ptr<std::byte> place = memory.Take(byte_count);
  if (place == nullptr) {
    ++read->left_out;
    return nullptr;
  }
  const Parameters key = Parameters().Int4(partition).Int2(KeyFilter::kFormat);
  const Result row = connection.Execute(kCheckFilter, key);
  if (row.row_count() == 0) return nullptr;
  std::optional<KeyFilter> filter;
  if (row.Bool(0, 0)) {
    if (!ReadParts(connection, partition, byte_count, place.get())) return nullptr;
    filter = KeyFilter::FromBytes(std::move(place), byte_count);
  }
  if (filter.has_value()) return std::make_shared<const KeyFilter>(*std::move(filter));
  connection.Execute(kDropFilter, key);
  ++read->damaged;
  return nullptr;
}

}  // namespace

absl::StatusOr<bool> PostgresIdentityPartitions::MakeFilter(const absl::Notification& stop) {
  AppendedKeys& appended = filters_.appended_keys();
  appended.Keep();
  // No transaction: nobody adds to a closed partition, and pauses would keep one open for long.
  return WithConnection(pool_, [&](Connection& connection) {
    const Result found =
        connection.Execute(kFindUnfiltered, WindowAndFormat().UuidValue(appended.appender_id()));
    if (found.row_count() == 0) {
      connection.Execute(kDropOldFilters, Parameters().Interval(kIdentityWindow));
      connection.Execute(kDropAppenders);
      return false;
    }
    const int32_t partition = found.Int4(0, 0);
    const ServerLife life = found.Text(0, 1);
    const int32_t page_count = found.Int4(0, 4);
    AppendedKeys::OfPartition known = appended.Take(life, partition, kAppendsUnderWayMax);
    const bool all_known = found.Bool(0, 5) && known.whole;
    NewFilter made = {.filter = known.BeginFilter(all_known ? known.key_count
                                                            : found.Int8(0, 3) / kIdentityRowBytes),
                      .key_count = known.key_count};
    if (!all_known) AddOthers(connection, partition, page_count, known, stop, &made);
    const Result inserted = connection.Execute(kInsertFilter, Parameters()
                                                                  .Int4(partition)
                                                                  .Int2(KeyFilter::kFormat)
                                                                  .Int8(made.key_count)
                                                                  .Bytes(made.filter.bytes())
                                                                  .Text(life)
                                                                  .Int8(found.Int8(0, 2)));
    return inserted.affected_rows() == 1;
  });
}

absl::StatusOr<FiltersRead> PostgresIdentityPartitions::ReadFilters(size_t bytes_max) {
  absl::MutexLock lock(&memory_mutex_);
  if (memory_ == nullptr || memory_->bytes_max() != bytes_max) {
    memory_ = FilterMemory::Make(bytes_max);
  }
  FilterMemory& memory = *memory_;
  return WithConnection(pool_, [&](Connection& connection) {
    const Result listed = connection.Execute(kListFilters, WindowAndFormat());
    const ServerLife life = listed.row_count() > 0 ? listed.Text(0, 3) : ServerLife();
    const std::shared_ptr<const IdentityFilters::ByPartition> before = filters_.EnterLife(life);
    IdentityFilters::ByPartition filters;
    // All are read after a restart: each helps from then on, the newest first.
    IdentityFilters::ByPartition published = *before;
    FiltersRead read;
    for (int row = 0; row < listed.row_count(); ++row) {
      const int32_t partition = listed.Int4(row, 0);
      const auto size = static_cast<size_t>(listed.Int4(row, 2));
      std::shared_ptr<const KeyFilter> filter;
      const bool fits = read.bytes + size <= bytes_max;
      if (listed.Bool(row, 1) && !fits) ++read.left_out;
      if (listed.Bool(row, 1) && fits) {
        const auto held = before->find(partition);
        filter = held != before->end() ? held->second
                                       : ReadFilter(connection, partition, size, memory, &read);
        if (filter != nullptr && published.emplace(partition, filter).second) {
          filters_.Replace(published);
        }
      }
      if (filter == nullptr) {
        ++read.partitions_without;
        continue;
      }
      read.bytes += size;
      ++read.partitions_with;
      filters.emplace(partition, std::move(filter));
    }
    if (filters != published) filters_.Replace(std::move(filters));
    return read;
  });
}

}  // namespace snapledger::storage
