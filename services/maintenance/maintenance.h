#pragma once

#include <memory>

#include "absl/base/call_once.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "services/base/periodic.h"
#include "services/destinations/destination_directory.h"
#include "storage/delivery_store.h"
#include "storage/ledger.h"

namespace snapledger::maintenance {

// The background duties beside delivery: reaping ended leases, folding counters, rolling identity
// partitions and making the filters of those that closed. Safe to run in several processes at once.
// Thread-safe.
class Maintenance {
 public:
  struct Options {
    absl::Duration reap_interval = absl::Seconds(2);
    absl::Duration compact_interval = absl::Seconds(10);
    absl::Duration roll_interval = absl::Seconds(5);
    absl::Duration partition_age_max = absl::Hours(24);
    int64_t partition_rows_max = 1'000'000;
  };

  struct Dependencies {
    storage::Ledger& ledger;
    storage::DeliveryStore& deliveries;
    storage::IdentityPartitions& partitions;
    destinations::DestinationDirectory& directory;
  };

  // What the dependencies name must outlive this. Starts at once.
  Maintenance(Dependencies dependencies, Options options);
  ~Maintenance() { Stop(); }

  // Ends what takes long, a filter that is being made, and makes no further one. Once or more.
  void Stop();

 private:
  void ReapOnce();
  void CompactOnce();
  void RollOnce();

  const Dependencies dependencies_;
  const Options options_;
  absl::once_flag stop_once_;
  absl::Notification stop_;
  base::Periodic reaper_;
  base::Periodic compactor_;
  base::Periodic roller_;
};

}  // namespace snapledger::maintenance
