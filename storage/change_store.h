#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/listing_store.h"
#include "storage/types.h"

namespace snapledger::storage {

// Longer than a transaction of ours lasts: every connection limits its statements and its pauses
// between them to 15 s (connection.cc), and what took a minute is not committed (transaction.h). A
// fact is dated with its transaction's now(), so this long after a moment every fact up to that
// moment can be seen or never will. Not so where a database's clock jumps, where its disk is so
// slow that an append of hundreds of lots takes longer, or where a commit waits for a standby that
// is away: what is seen too late then is missed by counts and by watchers.
inline constexpr absl::Duration kTransactionTimeMax = absl::Minutes(2);

// What a row tells of the events it concerns.
enum class ChangeKind : int16_t {
  kReceived = 1,    // a lot was appended
  kSent = 2,        // an attempt began
  kRecorded = 3,    // an attempt's outcome was recorded
  kTransition = 4,  // a change that no attempt explains
};

// Where a change stands among those of its shard. No two changes have the same key.
struct ChangeKey {
  absl::Time time;  // of the transaction that wrote it
  ChangeKind kind = ChangeKind::kTransition;
  Uuid id{};  // the lot's number, the attempt's or the transition's id

  friend bool operator==(const ChangeKey&, const ChangeKey&) = default;
  friend bool operator<(const ChangeKey& a, const ChangeKey& b) {
    if (a.time != b.time) return a.time < b.time;
    if (a.kind != b.kind) return a.kind < b.kind;
    return a.id < b.id;
  }
};

// The greatest key of all changes at or before a time.
ChangeKey LastChangeAt(absl::Time time);

// One change of state of any number of events.
struct ChangeRow {
  ChangeKey key;
  DeliveryState from_state = DeliveryState::kPending;  // not of kReceived
  DeliveryState to_state = DeliveryState::kPending;
  std::string reason;          // of kRecorded and kTransition
  std::string actor;           // of kTransition
  int64_t lot_id = 0;          // of kReceived and kTransition
  int16_t first_position = 0;  // of kTransition
  int16_t last_position = 0;   // of kTransition; of kReceived that of the lot's first slice
  Uuid batch_id{};             // of kSent and kRecorded
  bool some_left = false;      // of kRecorded: see EventsOf
};

struct ChangePage {
  std::vector<ChangeRow> changes;  // in the order of their keys
  absl::Time database_now;         // before the page was read
};

// Positions of one lot; some of them may hold no event.
struct LotRange {
  int64_t lot_id = 0;
  int16_t first_position = 0;
  int16_t last_position = 0;
};

// Reads the ledger's facts as changes of state. Thread-safe. Transactions commit in another order
// than their times: what is not there yet may still appear up to kTransactionTimeMax back.
class ChangeStore {
 public:
  virtual ~ChangeStore() = default;

  virtual absl::StatusOr<absl::Time> DatabaseNow() = 0;

  // The first `limit` changes of a shard that come after `after`. Fewer: there are no more now.
  virtual absl::StatusOr<ChangePage> ReadChanges(int32_t shard, const ChangeKey& after,
                                                 int limit) = 0;

  // The events a change of the shard concerns. Those that left an attempt by a transition of their
  // own are not among the events of its outcome.
  virtual absl::StatusOr<std::vector<LotRange>> EventsOf(int32_t shard,
                                                         const ChangeRow& change) = 0;

  // Every slice of those lots that are there, as they stand now, by lot and position.
  virtual absl::StatusOr<std::vector<SliceRow>> SlicesOf(int32_t shard,
                                                         absl::Span<const int64_t> lot_ids) = 0;
};

}  // namespace snapledger::storage
