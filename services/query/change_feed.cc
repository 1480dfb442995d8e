#include "services/query/change_feed.h"

#include <algorithm>
#include <utility>

#include "services/base/status_macros.h"

namespace snapledger::query {

absl::StatusOr<std::vector<storage::ChangeRow>> ChangeFeed::Read(absl::Duration monotonic_now) {
  TakeFloor();
  if (!scan_) {
    const bool sweep = monotonic_now >= next_sweep_;
    if (sweep) next_sweep_ = monotonic_now + kSweepInterval;
    const absl::Time begin = sweep ? floor_ : std::max(floor_, newest_ - kQuickSpan);
    scan_ = Scan{.after = storage::LastChangeAt(begin), .raises_floor = sweep};
  }
  SNAPLEDGER_ASSIGN_OR_RETURN(storage::ChangePage page,
                              store_.ReadChanges(shard_, scan_->after, kRowsPerRead));
  const bool end = page.changes.size() < kRowsPerRead;
  if (scan_->raises_floor) RaiseFloor(page, end);
  std::vector<storage::ChangeRow> unseen;
  for (storage::ChangeRow& change : page.changes) {
    newest_ = std::max(newest_, change.key.time);
    scan_->after = change.key;
    if (given_.insert(change.key).second) unseen.push_back(std::move(change));
  }
  if (end) scan_.reset();
  return unseen;
}

// Nothing up to the floor is read again, so it need not be remembered.
void ChangeFeed::TakeFloor() {
  if (next_floor_ <= floor_) return;
  floor_ = next_floor_;
  given_.erase(given_.begin(), given_.upper_bound(storage::LastChangeAt(floor_)));
}

// The floor follows a sweep page by page, so that a long way to catch up is not all remembered; at
// the first page that is younger than some transaction may be, it stays behind.
void ChangeFeed::RaiseFloor(const storage::ChangePage& page, bool end) {
  const absl::Time settled = page.database_now - storage::kTransactionTimeMax;
  // More changes of the last one's time may be on the next page.
  const absl::Time covered =
      end ? absl::InfiniteFuture() : page.changes.back().key.time - absl::Microseconds(1);
  next_floor_ = std::max(floor_, std::min(covered, settled));
  if (covered > settled) scan_->raises_floor = false;
}

}  // namespace snapledger::query
