#pragma once

#include <map>
#include <vector>

#include "absl/base/call_once.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "services/base/periodic.h"
#include "services/destinations/destination_directory.h"
#include "services/event/identifier_kind.h"
#include "services/lots/open_lot.h"
#include "services/matchrate/value_sketch.h"
#include "services/security/blind_index.h"
#include "services/security/envelope.h"
#include "storage/listing_store.h"
#include "storage/value_store.h"

namespace snapledger::matchrate {

// The sketches of one UTC day.
using DaySketches = std::map<event::IdentifierKind, ValueSketch>;

// Counts the identifier values of an event's frozen JSON into the sketches; what cannot be read is
// left out. Pure.
void CountEvent(std::string_view snap_event, const security::BlindIndex& blind_index,
                DaySketches* sketches);

// Reads the lots of every shard again, a while after they were received, and counts their values
// into the stored sketches: every event once, whichever processes count and whenever one of them
// ends. One lot that cannot be read is left out, with a line in the log.
class ValueCounter {
 public:
  struct Dependencies {
    destinations::DestinationDirectory& directory;
    storage::ValueStore& store;
    storage::ListingStore& listings;
    security::Envelope& envelope;
    const security::BlindIndex& blind_index;
  };
  struct Options {
    absl::Duration turn_interval = absl::Minutes(5);  // between two turns at one shard
    int lots_read_max = 256;                          // by one question
    int64_t open_bytes_max = int64_t{1} << 20;        // of JSON, open at a time, then a rest
    int64_t move_bytes_max = int64_t{64} << 20;       // counted by one transaction
    int moves_max = 32;                               // by one turn
  };

  // What the dependencies name must outlive this.
  ValueCounter(Dependencies dependencies, Options options)
      : dependencies_(dependencies), options_(options) {}

  // Takes the turns that are due. One thread at a time; blocks on the database.
  void RunOnce();
  // Ends a running turn soon, and what it counted since its last transaction. Thread-safe.
  void Stop();

 private:
  // What a turn counted that is not written yet.
  struct Counted {
    storage::CountedPlace through;
    DaySketches sketches;
    bool more = false;  // lots are left
  };

  absl::Status CountShard(int32_t shard);
  // Counts lots of one day and writes them; whether lots are left for this turn.
  absl::StatusOr<bool> CountSome(int32_t shard, absl::Time settled, storage::CountedPlace* counted);
  absl::Status CountDay(int32_t shard, absl::Time settled, std::vector<storage::LotToCount> lots,
                        Counted* counted);
  absl::Status CountLots(int32_t shard, absl::Span<const storage::LotToCount> lots,
                         DaySketches* sketches);
  void Rest(absl::Time work_begin) const;
  bool stopping() const { return stop_.HasBeenNotified(); }

  const Dependencies dependencies_;
  const Options options_;
  absl::once_flag stop_once_;
  absl::Notification stop_;
};

}  // namespace snapledger::matchrate
