#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "tests/checker/evidence.h"

namespace snapledger::checker {

// One attempt that carried an event.
struct EventAttempt {
  uint32_t attempt = 0;  // index into Evidence::attempts
  uint32_t slice = 0;    // index into Evidence::sent_slices
};

// Ways to find what belongs together. Immutable.
class Books {
 public:
  // `evidence` must be complete and outlive this.
  explicit Books(const Evidence& evidence);

  // The stored events at positions first to last of a lot, by position.
  absl::Span<const uint32_t> EventsAt(int32_t shard, int64_t lot_id, int16_t first,
                                      int16_t last) const;
  // Those that carried an event, oldest first.
  absl::Span<const EventAttempt> AttemptsOf(uint32_t event) const;
  // Its arrivals at Snap, oldest first.
  absl::Span<const Arrival> ArrivalsOf(uint32_t event) const;
  // Changes of its state that no attempt explains, oldest first.
  std::vector<const TransitionFacts*> TransitionsOf(const EventFacts& event) const;
  // nullptr where there is none.
  const SliceFacts* SliceOf(const EventFacts& event) const;
  const AttemptFacts* AttemptById(const storage::Uuid& id) const;
  // The attempts with this body that may have left, oldest first: NOT_SENT is certain.
  absl::Span<const uint32_t> AttemptsWithBody(const Sha256Bytes& body) const;

 private:
  void IndexAttempts();
  void IndexArrivals();

  const Evidence& evidence_;
  std::vector<uint32_t> by_place_;  // stored events by shard, lot, position
  std::vector<uint64_t> attempts_begin_;
  std::vector<EventAttempt> attempts_of_;
  std::vector<uint64_t> arrivals_begin_;
  absl::flat_hash_map<storage::Uuid, uint32_t> attempt_by_id_;
  absl::flat_hash_map<Sha256Bytes, std::vector<uint32_t>> attempts_by_body_;
};

}  // namespace snapledger::checker
