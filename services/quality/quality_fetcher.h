#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/base/periodic.h"
#include "services/destinations/destination_directory.h"
#include "services/snap/quality_client.h"
#include "storage/quality_store.h"

namespace snapledger::quality {

// Asks Snap for the quality scores of every destination, again and again, and keeps the answers
// raw, with what was understood of them. One process at a time asks for a destination: a row in the
// database gives the turns. Thread-safe.
class QualityFetcher {
 public:
  struct Options {
    absl::Duration interval = absl::Hours(1);  // between two questions for one destination
    absl::Duration look_interval = absl::Seconds(5);
  };

  // The references must outlive this. Starts at once.
  QualityFetcher(destinations::DestinationDirectory& directory, storage::QualityStore& store,
                 snap::QualityClient& client, Options options);

 private:
  void RunOnce();
  absl::Status FetchIfDue(const destinations::ActiveDestination& destination);

  destinations::DestinationDirectory& directory_;
  storage::QualityStore& store_;
  snap::QualityClient& client_;
  const Options options_;
  base::Periodic periodic_;
};

}  // namespace snapledger::quality
