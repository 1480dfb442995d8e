#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/base/metrics.h"
#include "services/destinations/destination_directory.h"
#include "services/event/identifier_kind.h"
#include "services/matchrate/coverage_reader.h"

namespace snapledger::matchrate {

// Watches the coverage of every matching key on each event name and source against its own history
// (coverage_alert.h), by hours and by days: a gauge says where it fell, a log line when it did.
// Each process that watches sees the same. One thread at a time; blocks on the database.
class CoverageWatch {
 public:
  // The arguments must outlive this.
  CoverageWatch(destinations::DestinationDirectory& directory, CoverageReader& coverage,
                const base::Clock& clock, base::Metrics& metrics)
      : directory_(directory), coverage_(coverage), clock_(clock), metrics_(metrics) {}

  // Looks at the destinations whose last whole hour was not looked at yet.
  void RunOnce();

 private:
  struct Scope {
    std::string event_name, source;
    event::IdentifierKind kind = event::IdentifierKind::kEmail;
    bool operator<(const Scope& other) const {
      return std::tie(event_name, source, kind) <
             std::tie(other.event_name, other.source, other.kind);
    }
  };
  struct Watched {
    absl::Time hour = absl::InfinitePast();  // the last one looked at
    std::set<Scope> fallen;
  };

  absl::Status Look(const destinations::ActiveDestination& destination, absl::Time hour,
                    Watched* watched);
  void ShowGauges();

  destinations::DestinationDirectory& directory_;
  CoverageReader& coverage_;
  const base::Clock& clock_;
  base::Metrics& metrics_;
  std::map<std::string, Watched> watched_;
};

}  // namespace snapledger::matchrate
