#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/filter_memory.h"
#include "storage/identity_filters.h"
#include "storage/ledger.h"
#include "storage/pool.h"

namespace snapledger::storage {

// Heap bytes of an identity row, page overhead included (measured: decision 0003).
inline constexpr int64_t kIdentityRowBytes = 85;

// IdentityPartitions on PostgreSQL: the tables identity_N, and identity_filter.
class PostgresIdentityPartitions final : public IdentityPartitions {
 public:
  // Filters are read into `filters`. Both must outlive this.
  PostgresIdentityPartitions(ConnectionPool& pool, IdentityFilters& filters)
      : pool_(pool), filters_(filters) {}

  absl::StatusOr<bool> RollIfDue(absl::Duration age_max, int64_t rows_max) override;
  absl::StatusOr<bool> MakeFilter(const absl::Notification& stop) override;
  absl::StatusOr<FiltersRead> ReadFilters(size_t bytes_max) override;

 private:
  ConnectionPool& pool_;
  IdentityFilters& filters_;
  absl::Mutex memory_mutex_;
  std::shared_ptr<FilterMemory> memory_ ABSL_GUARDED_BY(memory_mutex_);
};

}  // namespace snapledger::storage
