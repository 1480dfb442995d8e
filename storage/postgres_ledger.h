#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "storage/identity_filters.h"
#include "storage/ledger.h"
#include "storage/pool.h"
#include "storage/server_life.h"

namespace snapledger::storage {

// Ledger on PostgreSQL. How each call works is said where it is built: postgres_append.cc,
// postgres_claim.cc, postgres_record.cc.
class PostgresLedger final : public Ledger {
 public:
  // Appends take connections of `append_pool`, deliveries of `delivery_pool`, so that neither waits
  // for the other's. A closed identity partition whose filter is in `filters` is asked for what
  // that says it may hold, the others for every event; keys that are appended are told to it for
  // the next filter. All must outlive this.
  PostgresLedger(ConnectionPool& append_pool, ConnectionPool& delivery_pool,
                 IdentityFilters& filters)
      : append_pool_(append_pool), delivery_pool_(delivery_pool), filters_(filters) {}

  absl::StatusOr<std::vector<AppendedLot>> Append(absl::Span<const NewLot> lots) override;
  absl::StatusOr<std::vector<int32_t>> DueShards(absl::Span<const int32_t> shards) override;
  absl::StatusOr<ClaimResult> Claim(const ClaimRequest& request, BatchComposer& composer) override;
  absl::StatusOr<std::optional<absl::Duration>> TakeTurn(int32_t shard,
                                                         absl::Duration send_interval) override;
  absl::StatusOr<RecordResult> Record(const RecordRequest& request) override;
  absl::StatusOr<int> ReapLeases(int32_t shard) override;

 private:
  // The partitions identity is kept in, as this process last saw them.
  struct Partitions {
    int32_t open = 0;
    std::vector<int32_t> closed;  // those that identity must still hold in
    int64_t lane_epoch = 0;       // as of the same moment
    ServerLife life;              // in which this is so
    bool is_listed = false;       // in the open one, as one who appended to it
  };

  // Lot ids this process may give; a server of another life gives them to others.
  struct LotIds {
    int64_t next = 0;
    int64_t end = 0;
    ServerLife life;
  };

  Partitions CurrentPartitions(Connection& connection) ABSL_LOCKS_EXCLUDED(mutex_);
  Partitions ReadPartitions(Connection& connection) ABSL_LOCKS_EXCLUDED(mutex_);
  Connection::Call ListAppenderCall(int32_t partition);
  void NoteListed(const Partitions& partitions) ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether this append asks the open partition too; uses one up.
  bool TakeCareful() ABSL_LOCKS_EXCLUDED(mutex_);
  int64_t TakeLotId(Connection& connection, const ServerLife& life) ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<AppendedLot> AppendOn(Connection& connection, absl::Span<const NewLot> lots);
  int SliceLimit(int32_t shard, int events_max) const ABSL_LOCKS_EXCLUDED(mutex_);
  void NoteClaimed(int32_t shard, int slices, int events) ABSL_LOCKS_EXCLUDED(mutex_);
  ClaimResult ClaimOn(Connection& connection, const ClaimRequest& request, BatchComposer& composer);

  ConnectionPool& append_pool_;
  ConnectionPool& delivery_pool_;
  IdentityFilters& filters_;
  mutable absl::Mutex mutex_;
  Partitions partitions_ ABSL_GUARDED_BY(mutex_);
  LotIds lot_ids_ ABSL_GUARDED_BY(mutex_);
  // Appends left that ask the open partition before they insert: some follow every one that met a
  // repeated key, since repeats come in rows.
  int careful_appends_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<int32_t, double> events_per_slice_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace snapledger::storage
