#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/matchrate/order_set.h"

namespace snapledger::matchrate {

// What a sketch knows of how concentrated values are.
struct ValueFigures {
  int64_t events = 0;  // that carry a value
  int64_t values = 0;  // on them, each once an event
  // Events that carry the most frequent value: surely between these.
  int64_t top_events_min = 0, top_events_max = 0;
  double effective_values = 0;        // 1 / sum of p^2
  double effective_values_error = 0;  // standard error, relative; 0: exact
  // The most orders one of the tracked values stood on; at least so many where not exact.
  int64_t orders = 0;
  double orders_error = 0;  // standard error, relative; 0 where the count is exact
  bool exact = true;        // every value was counted by itself
};

// Counts values by their keyed hashes in bounded room. Up to 128 different values every one has a
// counter and all is exact. Beyond, the counters keep the most frequent (Misra and Gries, 1982,
// merged as by Agarwal et al., 2012): a count is at most `events taken` too low, which is at most
// 1/129 of the values; what is taken from counters goes into a sketch of the sum of squares (Alon,
// Matias and Szegedy, 1999, the fast form of 5 rows by 512 columns). Sketches of parts merge into
// one of the whole. Not thread-safe.
class ValueSketch {
 public:
  static constexpr int kTrackedMax = 128;
  static constexpr int kRows = 5;
  static constexpr int kColumns = 512;
  // Of a row sqrt(2 / 512), of the median of five of them 0.536 times that.
  static constexpr double kSquaresError = 0.0335;

  // One event. `values`: 64-bit keyed hashes of the different values it carries, not empty; every
  // bit counts, so they must look random. `order`: the hash of its order id.
  void AddEvent(absl::Span<const int64_t> values, std::optional<uint32_t> order);
  void Merge(const ValueSketch& other);

  ValueFigures Figures() const;

  // The form that is stored, of a version, varints throughout; FromBytes refuses with DATA_LOSS
  // what cannot be one.
  std::string ToBytes();
  static absl::StatusOr<ValueSketch> FromBytes(std::string_view bytes);

 private:
  struct Counter {
    int64_t events = 0;
    OrderSet orders;
  };

  // Takes from all counters what leaves no more than kTrackedMax of them.
  void Compact();
  int64_t Tracked() const;  // the sum of the counters
  double Squares() const;   // the sum of the squares of all values' counts
  bool TakeCounters(std::string_view* bytes);
  bool TakeResidual(std::string_view* bytes);

  int64_t events_ = 0;
  int64_t values_ = 0;
  int64_t taken_ = 0;  // from a counter, or from a value that has none, at most
  absl::flat_hash_map<int64_t, Counter> counters_;
  std::vector<int64_t> residual_;  // kRows by kColumns; empty: nothing was taken
};

}  // namespace snapledger::matchrate
