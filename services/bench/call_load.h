#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace snapledger::bench {

// What a load gave: the time from its first call to its last answer, and each call's own.
struct LoadResult {
  double seconds = 0;
  std::vector<double> milliseconds;
};

// Keeps `concurrency` calls in flight until `calls` were made; the next one begins where one ends.
// With a rate, each call has a moment to begin at, from which its time is taken: where all of
// `concurrency` are in flight it begins late, and its caller has waited.
struct LoadShape {
  int64_t calls = 0;
  int concurrency = 1;
  double calls_per_second = 0;  // 0: no rate
  // Told now and then how many are done; on the thread of RunLoad.
  std::function<void(int64_t done)> progress;
};

// Begins call `number`, of all calls of its slot the only one in flight; `done` is called once with
// what became of it, on any thread.
using CallDone = std::function<void(absl::Status)>;
using BeginCall = std::function<void(int slot, int64_t number, CallDone done)>;

// The first call that failed ends the load: ABORTED where it was interrupted.
absl::StatusOr<LoadResult> RunLoad(const LoadShape& shape, const BeginCall& begin_call);

}  // namespace snapledger::bench
