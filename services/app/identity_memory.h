#pragma once

#include <cstddef>

#include "services/base/metrics.h"
#include "services/base/periodic.h"
#include "storage/ledger.h"

namespace snapledger::app {

// Keeps the filters of closed identity partitions in this process's memory up to date, so that
// intake asks the database for repeats alone (docs/decisions/0031). Until they are read, and where
// the database does not answer, intake asks it for more; what it answers is the same.
class IdentityMemory {
 public:
  // Starts at once. The references must outlive this.
  IdentityMemory(storage::IdentityPartitions& partitions, size_t bytes_max, base::Metrics& metrics);

 private:
  void RunOnce();

  storage::IdentityPartitions& partitions_;
  const size_t bytes_max_;
  base::Metrics& metrics_;
  int told_left_out_ = 0;
  base::Periodic reading_;
};

}  // namespace snapledger::app
