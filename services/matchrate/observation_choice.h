#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "storage/observation_store.h"

namespace snapledger::matchrate {

// Which observations may be taken together: an event that two of them count would count twice.
// Pure.

// Whether some event may be in both: the windows overlap, and neither name, source nor set of
// identifiers keeps them apart.
bool MayShareEvents(const storage::MatchObservationRow& one,
                    const storage::MatchObservationRow& other);

using Observations = std::vector<storage::MatchObservationRow>;

// For the model: those about one set of identifiers first, since they say most; then the newest.
// What may share events with one that was taken is left out.
struct ObservationChoice {
  Observations taken;  // in the order they were recorded
  Observations left_out;
};
ObservationChoice ChooseForModel(Observations observations);

// What a row of a report is about.
struct ObservedScope {
  std::vector<std::string> event_names, sources;  // alternatives; empty: all
  absl::Time start = absl::InfinitePast();
  absl::Time end = absl::InfiniteFuture();
};

// Reported counts of a scope, added up.
struct ObservedCount {
  int64_t matched = 0;
  int64_t total = 0;                          // 0: nothing was reported
  absl::Time through = absl::InfinitePast();  // the end of the newest window
  bool of_parts = false;  // of parts of the scope, as far as names and sources go
};

// The observations with exactly `kinds` (0: about all events) whose events all lie in the scope.
// Where some may share events, the widest is taken.
ObservedCount CountObserved(std::span<const storage::MatchObservationRow> observations,
                            const ObservedScope& scope, uint16_t kinds);

}  // namespace snapledger::matchrate
