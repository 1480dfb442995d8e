#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/destinations/destination_directory.h"
#include "services/dispatch/retry_policy.h"
#include "services/security/envelope.h"
#include "services/snap/client.h"
#include "storage/ledger.h"

namespace snapledger::dispatch {

// Delivers what is due. Every destination has a lane of its own threads, so that one that hangs
// never slows another. Thread-safe.
class Dispatcher {
 public:
  struct Options {
    absl::Duration poll_interval = absl::Milliseconds(250);
    absl::Duration probe_interval = absl::Seconds(15);  // of a held destination
    RetryPolicy retry_policy;
  };

  struct Dependencies {
    storage::Ledger& ledger;
    storage::DestinationStore& destinations;
    destinations::DestinationDirectory& directory;
    security::Envelope& envelope;
    snap::SnapClient& snap;
    const base::Clock& clock;
  };

  // What the dependencies name must outlive this. Starts at once.
  Dispatcher(Dependencies dependencies, Options options);
  // Stops, finishes and records what is in flight.
  ~Dispatcher();

  // Claims nothing more from now on. Never blocks.
  void Stop();

  // Something was appended to these shards. Never blocks.
  void Nudge(const std::vector<int32_t>& shards);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace snapledger::dispatch
