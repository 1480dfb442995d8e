#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "storage/identity_filters.h"
#include "storage/postgres_identity.h"
#include "storage/postgres_ledger.h"
#include "storage/rollup.h"
#include "tests/support/destination_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {

class OneByteComposer final : public LotComposer {
 public:
  absl::StatusOr<LotContents> Compose(int32_t, int64_t, const std::vector<bool>&) override {
    return LotContents{.payload = "x",
                       .rollup = PackRollup({{{.name_label = 1, .supplied = 1, .usable = 1}, 1}}),
                       .event_count = 1,
                       .json_bytes = 1,
                       .oldest_event_time = absl::Now()};
  }
};

// A ledger and its identity partitions, with the filters of one process.
class IdentityFiltersTest : public support::DestinationTest {
 protected:
  static constexpr size_t kEnough = size_t{64} << 20;  // bytes of filters

  static Uuid Key(uint8_t number) { return {number}; }

  // Whether the ledger held it already.
  bool AppendIsHeld(uint8_t number) { return AppendIsHeld(number, ledger_); }

  bool AppendIsHeld(uint8_t number, PostgresLedger& ledger) {
    const NewLot lot = {
        .shard = shard_,
        .events = {{.event_key = Key(number), .content_digest = 7, .event_time = absl::Now()}},
        .composer = &composer_};
    const absl::StatusOr<std::vector<AppendedLot>> appended = ledger.Append({&lot, 1});
    EXPECT_OK(appended);
    return appended.ok() && !appended->at(0).held.empty();
  }

  void Roll() {
    ASSERT_THAT(partitions_.RollIfDue(absl::ZeroDuration(), 1'000'000),
                support::IsOkAndHolds(true));
    // The first append after a roll learns of it.
    AppendIsHeld(255);
  }

  FiltersRead Read(size_t bytes_max = kEnough) {
    absl::StatusOr<FiltersRead> read = partitions_.ReadFilters(bytes_max);
    EXPECT_OK(read);
    return read.value_or(FiltersRead());
  }

  std::shared_ptr<const IdentityFilters::ByPartition> Held() {
    constexpr Statement kLife = {"server_life", "select server_life()"};
    return filters_.HeldIn(pool().Take()->Execute(kLife).Text(0, 0));
  }

  // Puts a key into partition 1, into a lot that is there, behind the back of its filter or of the
  // process that appended the lot.
  void PutIntoTheClosedPartition(uint8_t number) { PutIntoTheClosedPartition(number, shard_); }

  void PutIntoTheClosedPartition(uint8_t number, int32_t shard) {
    constexpr Statement kPut = {
        "put_identity",
        "insert into identity select $1, lot_id, content_digest, event_time, $2,"
        " partition_number, name_label, source_label, usable, position"
        " from identity where partition_number = 1 limit 1"};
    pool().Take()->Execute(kPut, Parameters().UuidValue(Key(number)).Int4(shard));
  }

  // Moves its rows, into a file of another name. Of lot_id_block it is what tells lives of the
  // server apart, beside its start.
  void RewriteTable(const std::string& table) {
    pool().Take()->ExecuteScript("vacuum full " + table);
  }

  // More than one range of pages, and of lots that are not there: as another process would.
  void FillTheOpenPartition() {
    constexpr Statement kFill = {
        "fill_identity",
        "insert into identity (shard, partition_number, lot_id, event_key, content_digest,"
        " event_time, name_label, source_label, usable, position)"
        " select 1 + n % 2, 1, 1000000, md5(n::text)::uuid, n, now(), 1, 1, 1, 0"
        " from generate_series(1, 60000) n"};
    pool().Take()->Execute(kFill);
    ListAnother();
  }

  // In partition 1, as one who appended to it.
  void ListAnother() {
    constexpr Statement kList = {"list_another", "insert into identity_appender values (1, $1)"};
    pool().Take()->Execute(kList, Parameters().UuidValue(Key(77)));
  }

  int64_t AppendersOf(int32_t partition) {
    constexpr Statement kCount = {
        "count_appenders", "select count(*) from identity_appender where partition_number = $1"};
    return pool().Take()->Execute(kCount, Parameters().Int4(partition)).Int8(0, 0);
  }

  // Of the closed partitions, all of which must have a filter in memory.
  int KeysOutsideTheirFilter() {
    constexpr Statement kKeys = {
        "keys_of_closed_partitions",
        "select shard, event_key, partition_number from identity join identity_partition"
        " using (partition_number) where close_time is not null"};
    const Result keys = pool().Take()->Execute(kKeys);
    EXPECT_GT(keys.row_count(), 0);
    const std::shared_ptr<const IdentityFilters::ByPartition> held = Held();
    int missed = 0;
    for (int row = 0; row < keys.row_count(); ++row) {
      const KeyFilter::Hash hash = KeyFilter::HashOf(keys.Int4(row, 0), keys.UuidValue(row, 1));
      missed += held->at(keys.Int4(row, 2))->MayHold(hash) ? 0 : 1;
    }
    return missed;
  }

  OneByteComposer composer_;
  absl::Notification stop_;
  IdentityFilters filters_;
  PostgresLedger ledger_{pool(), pool(), filters_};
  PostgresIdentityPartitions partitions_{pool(), filters_};
};

}  // namespace snapledger::storage
