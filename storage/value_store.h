#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/types.h"

namespace snapledger::storage {

// A place in the order of receipt: everything at or before it is counted.
struct CountedPlace {
  absl::Time received_time = absl::InfinitePast();
  int64_t lot_id = 0;

  friend bool operator==(const CountedPlace&, const CountedPlace&) = default;
};

// A turn at counting the values of a shard.
struct ValueTurn {
  CountedPlace counted;
  // No lot received at or before it can still appear.
  absl::Time settled_time;
};

struct LotToCount {
  CountedPlace place;
  int64_t json_bytes = 0;  // of its events together
};

// The sketch of one kind on one UTC day; opaque here.
struct ValueSketchRow {
  absl::Time day;  // its beginning
  int16_t kind = 0;
  std::string sketch;
};

struct StoredValueSketches {
  CountedPlace counted;
  std::vector<ValueSketchRow> rows;
};

// Keeps sketches of identifiers' values, and how far lots are counted into them. Thread-safe.
class ValueStore {
 public:
  virtual ~ValueStore() = default;

  // A turn at the shard, unless one was taken less than `interval` ago.
  virtual absl::StatusOr<std::optional<ValueTurn>> TakeTurn(int32_t shard,
                                                            absl::Duration interval) = 0;
  // Lots after `counted`, received at or before `through`, in the order of receipt.
  virtual absl::StatusOr<std::vector<LotToCount>> LotsAfter(int32_t shard,
                                                            const CountedPlace& counted,
                                                            absl::Time through, int limit) = 0;
  // The sketches of the days that begin in [start, end), in one snapshot with the place.
  virtual absl::StatusOr<StoredValueSketches> Read(int32_t shard, absl::Time start,
                                                   absl::Time end) = 0;
  // Writes sketches and moves the place, in one transaction. False, and nothing is written, where
  // the place is not at `from`: another process counted meanwhile. Forgets days older than a year.
  virtual absl::StatusOr<bool> Move(int32_t shard, const CountedPlace& from, const CountedPlace& to,
                                    absl::Span<const ValueSketchRow> rows) = 0;
};

}  // namespace snapledger::storage
