#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace snapledger::base {

// The numbers /metrics shows, in Prometheus' text form. docs/configuration.md lists them. Labels
// come from closed sets, except destinations: the first kDestinationLabelsMax seen get a series of
// their own, the others share "(other)". Thread-safe; never blocks on I/O.
class Metrics {
 public:
  static constexpr int kDestinationLabelsMax = 200;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // One finished call. `method` is one of the declared RPCs, `code` a gRPC code by name.
  void CountRpc(std::string_view method, std::string_view code, absl::Duration elapsed);
  // Verdicts given on events; `outcome` in lower case, e.g. accepted.
  void CountEvents(std::string_view outcome, int64_t count);

  // How the events of one destination stand.
  struct Backlog {
    std::string destination;
    std::vector<std::pair<std::string, int64_t>> events_by_state;  // state in lower case
    std::optional<absl::Duration> oldest_pending_age;
    int64_t set_aside_events = 0;
  };
  // Replaces what was set before, whole.
  void SetBacklog(const std::vector<Backlog>& destinations);

  // What receipt reconciliation saw last of one destination.
  struct Receipts {
    std::string destination;
    std::optional<double> ratio;  // reported by Snap / delivered; not set: not known
    bool diverging = false;
  };
  // Replaces what was set before, whole.
  void SetReceipts(const std::vector<Receipts>& destinations);

  // On how many event names and sources of a destination the coverage of an identifier is below its
  // own history.
  struct CoverageFall {
    std::string destination;
    std::string identifier;
    int64_t scopes = 0;
  };
  // Replaces what was set before, whole.
  void SetCoverageFalls(const std::vector<CoverageFall>& falls);

  // How many closed identity partitions intake asks in memory, and how many in the database.
  void SetIdentityPartitions(int in_memory, int in_database);

  // 1 while this process accepts work, 0 while it drains or the ledger cannot be written.
  void SetReady(bool ready);

  // Everything, as Prometheus reads it.
  std::string Exposition() const;

 private:
  class Series;
  const std::unique_ptr<Series> series_;
};

}  // namespace snapledger::base
