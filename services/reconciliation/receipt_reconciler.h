#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "services/destinations/destination_directory.h"
#include "services/reconciliation/receipt_rule.h"
#include "services/snap/client.h"
#include "storage/ledger.h"
#include "storage/receipt_store.h"

namespace snapledger::reconciliation {

// Asks Snap, for each destination, how many live events it counted in the past hour, compares that
// with what the ledger delivered, and keeps the result. One process does it at a time, by a turn in
// the database. A request passes the destination's gate like any other; where a pause or a
// Retry-After shuts it, the look is left out. Destinations in test mode, paused, or sent to less
// often than once in ten seconds are not asked. Thread-safe.
class ReceiptReconciler {
 public:
  struct Dependencies {
    storage::ReceiptStore& receipts;
    storage::Ledger& ledger;
    destinations::DestinationDirectory& directory;
    snap::SnapClient& snap;
  };
  struct Options {
    absl::Duration interval = absl::Minutes(5);  // between two looks; also the lag that is allowed
    ReceiptRule rule;
  };

  // What the dependencies refer to must outlive this.
  ReceiptReconciler(const Dependencies& dependencies, const Options& options)
      : dependencies_(dependencies), options_(options) {}
  // Ends a wait for a turn, and a run after the request it is at.
  // To be called once at most.
  void Stop() { stop_.Notify(); }

  // Looks at each destination whose time has come.
  void RunOnce();

 private:
  absl::Status Look(const destinations::ActiveDestination& destination);
  // What came back; nullopt where Snap was not asked.
  absl::StatusOr<std::optional<snap::SnapReply>> Ask(
      const destinations::ActiveDestination& destination);
  absl::Status Keep(const destinations::ActiveDestination& destination,
                    const snap::SnapReply& reply);

  const Dependencies dependencies_;
  const Options options_;
  absl::Notification stop_;
};

}  // namespace snapledger::reconciliation
