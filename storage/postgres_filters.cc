// The filters of closed identity partitions: made from the partition's keys, kept as a row, read
// into memory. postgres_append.cc asks them.

#include <optional>
#include <utility>

#include "storage/postgres_identity.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

// Read at once while a filter is made.
constexpr int kKeysPerPage = 20'000;

constexpr Statement kFindUnfiltered = {
    "find_unfiltered",
    // The newest first: it is what repeats are most likely about.
    "select p.partition_number from identity_partition p"
    " where p.close_time > now() - $1 and not exists ("
    "   select 1 from identity_filter f"
    "   where f.partition_number = p.partition_number and f.format = $2)"
    " order by p.partition_number desc limit 1"};

constexpr Statement kCountKeys = {"count_keys",
                                  "select count(*) from identity where partition_number = $1"};

constexpr Statement kReadKeys = {"read_keys",
                                 "select shard, event_key from identity"
                                 " where partition_number = $1 and (shard, event_key) > ($2, $3)"
                                 " order by shard, event_key limit $4"};

constexpr Statement kInsertFilter = {
    "insert_filter",
    "insert into identity_filter (partition_number, format, key_count, filter, filter_sha256)"
    " values ($1, $2, $3, $4, sha256($4)) on conflict do nothing"};

constexpr Statement kDropOldFilters = {
    "drop_old_filters",
    "delete from identity_filter f using identity_partition p"
    " where p.partition_number = f.partition_number and p.close_time <= now() - $1"};

constexpr Statement kListFilters = {
    "list_filters",
    "select p.partition_number, f.filter is not null, coalesce(octet_length(f.filter), 0)"
    " from identity_partition p left join identity_filter f"
    "   on f.partition_number = p.partition_number and f.format = $2"
    " where p.close_time > now() - $1 order by p.partition_number desc"};

constexpr Statement kReadFilter = {
    "read_filter",
    "select filter, sha256(filter) = filter_sha256 from identity_filter"
    " where partition_number = $1 and format = $2"};

constexpr Statement kDropFilter = {
    "drop_filter", "delete from identity_filter where partition_number = $1 and format = $2"};

KeyFilter FilterOf(Connection& connection, int32_t partition, int64_t key_count) {
  KeyFilter filter(key_count);
  int32_t shard = 0;  // shards are numbered from 1
  Uuid event_key{};
  while (true) {
    const Result page = connection.Execute(
        kReadKeys,
        Parameters().Int4(partition).Int4(shard).UuidValue(event_key).Int4(kKeysPerPage));
    for (int row = 0; row < page.row_count(); ++row) {
      shard = page.Int4(row, 0);
      event_key = page.UuidValue(row, 1);
      filter.Add(KeyFilter::HashOf(shard, event_key));
    }
    if (page.row_count() < kKeysPerPage) return filter;
  }
}

Parameters WindowAndFormat() {
  return Parameters().Interval(kIdentityWindow).Int2(KeyFilter::kFormat);
}

// nullopt: the row is gone, or was damaged and is now.
std::shared_ptr<const KeyFilter> ReadFilter(Connection& connection, int32_t partition,
                                            FiltersRead* read) {
  const Parameters key = Parameters().Int4(partition).Int2(KeyFilter::kFormat);
  const Result row = connection.Execute(kReadFilter, key);
  if (row.row_count() == 0) return nullptr;
  std::optional<KeyFilter> filter;
  if (row.Bool(0, 1)) filter = KeyFilter::FromBytes(row.Bytes(0, 0));
  if (filter.has_value()) return std::make_shared<const KeyFilter>(*std::move(filter));
  connection.Execute(kDropFilter, key);
  ++read->damaged;
  return nullptr;
}

}  // namespace

absl::StatusOr<bool> PostgresIdentityPartitions::MakeFilter() {
  return WithConnection(pool_, [](Connection& connection) {
    const Result found = connection.Execute(kFindUnfiltered, WindowAndFormat());
    if (found.row_count() == 0) {
      connection.Execute(kDropOldFilters, Parameters().Interval(kIdentityWindow));
      return false;
    }
    const int32_t partition = found.Int4(0, 0);
    const int64_t key_count =
        connection.Execute(kCountKeys, Parameters().Int4(partition)).Int8(0, 0);
    const KeyFilter filter = FilterOf(connection, partition, key_count);
    connection.Execute(kInsertFilter, Parameters()
                                          .Int4(partition)
                                          .Int2(KeyFilter::kFormat)
                                          .Int8(key_count)
                                          .Bytes(filter.bytes()));
    return true;
  });
}

absl::StatusOr<FiltersRead> PostgresIdentityPartitions::ReadFilters(size_t bytes_max) {
  return WithConnection(pool_, [&](Connection& connection) {
    const std::shared_ptr<const IdentityFilters::ByPartition> before = filters_.held();
    const Result listed = connection.Execute(kListFilters, WindowAndFormat());
    IdentityFilters::ByPartition filters;
    FiltersRead read;
    for (int row = 0; row < listed.row_count(); ++row) {
      const int32_t partition = listed.Int4(row, 0);
      const auto size = static_cast<size_t>(listed.Int4(row, 2));
      std::shared_ptr<const KeyFilter> filter;
      const bool fits = read.bytes + size <= bytes_max;
      if (listed.Bool(row, 1) && !fits) ++read.left_out;
      if (listed.Bool(row, 1) && fits) {
        const auto held = before->find(partition);
        filter = held != before->end() ? held->second : ReadFilter(connection, partition, &read);
      }
      if (filter == nullptr) {
        ++read.partitions_without;
        continue;
      }
      read.bytes += size;
      ++read.partitions_with;
      filters.emplace(partition, std::move(filter));
    }
    if (filters != *before) filters_.Replace(std::move(filters));
    return read;
  });
}

}  // namespace snapledger::storage
