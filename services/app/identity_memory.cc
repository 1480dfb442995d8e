#include "services/app/identity_memory.h"

#include "services/base/log.h"

namespace snapledger::app {
namespace {

constexpr absl::Duration kReadInterval = absl::Milliseconds(250);

}  // namespace

IdentityMemory::IdentityMemory(storage::IdentityPartitions& partitions, size_t bytes_max,
                               base::Metrics& metrics)
    : partitions_(partitions),
      bytes_max_(bytes_max),
      metrics_(metrics),
      reading_({.name = "read-filters", .interval = kReadInterval}, [this] { RunOnce(); }) {}

void IdentityMemory::RunOnce() {
  const absl::StatusOr<storage::FiltersRead> read = partitions_.ReadFilters(bytes_max_);
  if (!read.ok()) return;  // readiness tells of a database that does not answer
  metrics_.SetIdentityPartitions(read->partitions_with, read->partitions_without);
  if (read->damaged > 0) {
    base::Log(base::Severity::kWarning, "filters of identity partitions were damaged; made anew",
              {{"filters", read->damaged}});
  }
  if (read->left_out > told_left_out_) {
    base::Log(base::Severity::kWarning,
              "intake is slower than it could be: raise --identity-filter-mib, so that all closed "
              "identity partitions have their filter in memory",
              {{"partitions_without", read->left_out}});
  }
  told_left_out_ = read->left_out;
}

}  // namespace snapledger::app
