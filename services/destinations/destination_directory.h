#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/secret.h"
#include "services/event/conversion_event.h"
#include "services/event/prepare.h"
#include "services/security/envelope.h"
#include "storage/destination_store.h"

namespace snapledger::destinations {

// A destination as intake and dispatch use it: immutable, shared.
struct ActiveDestination {
  storage::Destination stored;
  struct Token {
    std::string token_id;
    base::Secret secret;
  };
  std::vector<Token> tokens;  // newest first; opened
  // What its settings say of an event; `now` is left for the caller to set.
  event::PreparePolicy prepare_policy;

  using EventKey = std::array<uint8_t, 16>;
  // The shard an event with this key belongs to.
  int32_t ShardOf(const EventKey& event_key) const;
  // Where it may be: that shard first, then those it belonged to under former lane counts.
  std::vector<int32_t> ShardsOf(const EventKey& event_key) const;
  // Of those, without the first, the ones that may hold its id from a time in which ids must still
  // be known again.
  std::vector<int32_t> FormerShardsOf(const EventKey& event_key) const;
};

using DestinationPtr = std::shared_ptr<const ActiveDestination>;

// All destinations, kept fresh from the database: a change by any process is seen here at the next
// Refresh; a destination not known yet is asked for at once. Thread-safe.
class DestinationDirectory {
 public:
  // The arguments must outlive this.
  DestinationDirectory(storage::DestinationStore& store, security::Envelope& envelope);

  // NOT_FOUND where there is none by that id, INVALID_ARGUMENT where the id is empty. Looks it up
  // in the database where it is not cached, so it may block: not for gRPC's own threads.
  absl::StatusOr<DestinationPtr> Find(std::string_view destination_id);
  // The destination where it is cached, else nullptr. Never blocks.
  DestinationPtr FindKnown(std::string_view destination_id) const;
  // What is cached, ordered by id.
  std::vector<DestinationPtr> List() const;
  // Reads all destinations again. Called every second and after each change made here.
  absl::Status Refresh();

 private:
  storage::DestinationStore& store_;
  security::Envelope& envelope_;
  absl::Mutex refresh_mutex_;  // held while all are read: older never replaces newer
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, DestinationPtr> by_id_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace snapledger::destinations
