#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "services/snap/client.h"
#include "tests/simulation/in_memory_ledger.h"
#include "tests/simulation/planted_bug.h"
#include "tests/simulation/random.h"
#include "tests/simulation/scheduler.h"
#include "tests/simulation/violations.h"

namespace snapledger::simulation {

// How Snap and the way to it behave; each a probability of a request.
struct SnapFaults {
  double not_sent = 0;         // no connection
  double request_lost = 0;     // cut before Snap has read it
  double answer_lost = 0;      // taken, and the answer never comes
  double half_answer = 0;      // taken, and the answer is cut
  double server_error = 0;     // 500, half of them after taking
  double throttled = 0;        // 429, half of them with a Retry-After
  double unauthorised = 0;     // 401
  double unknown_answer = 0;   // 200 with a body nobody knows
  bool validate_names = true;  // /events/validate names the refused events
  bool answer_names = false;   // an INVALID answer names the first refused event
};

// Snap as it really is, for all processes: what arrived, what it took and what it said. It checks
// each arrival against the books: invariants I9, I12-I14 and I17 of the protocol.
class SnapWorld {
 public:
  // The arguments must outlive this.
  SnapWorld(Scheduler& scheduler, Random& random, const InMemoryLedger& ledger, absl::Time epoch,
            double requests_per_second, absl::Duration dedup_window, Violations& violations)
      : scheduler_(scheduler),
        random_(random),
        ledger_(ledger),
        epoch_(epoch),
        requests_per_second_(requests_per_second),
        dedup_window_(dedup_window),
        violations_(violations) {}

  SnapFaults faults;
  std::set<std::string> refused_events;  // by event id: never taken

  // One request and its answer, as the process that asks sees it. `bug` is planted in that process.
  snap::SnapReply Exchange(const snap::SnapRequest& request, PlantedBug bug);

  struct EventLog {
    int arrivals = 0;
    bool taken = false;
    bool answered_valid = false;  // a complete VALID answer reached the process
    absl::Time first_arrival;
    std::string json;
  };
  const std::map<std::string, EventLog>& events() const { return events_; }
  int64_t requests() const { return requests_; }

 private:
  struct Arrival {
    std::vector<std::string> event_ids;
    std::string body;
    const MemoryAttempt* attempt = nullptr;
  };

  absl::Time Now() const { return epoch_ + scheduler_.Now(); }
  Arrival Read(std::string_view body) const;
  void CheckArrival(const Arrival& arrival);
  void CheckEvent(const std::string& id, std::string_view json);
  void CheckRate();
  // Whether the breaker and the limiter let the attempt pass.
  void CheckPace(const MemoryAttempt& attempt);
  snap::SnapReply Process(const Arrival& arrival);
  snap::SnapReply Validate(const Arrival& arrival) const;
  snap::SnapReply Throttle(const Arrival& arrival);
  void CheckRetryAfter(const MemoryAttempt& attempt);
  std::vector<int> RefusedOf(const Arrival& arrival) const;

  Scheduler& scheduler_;
  Random& random_;
  const InMemoryLedger& ledger_;
  const absl::Time epoch_;
  const double requests_per_second_;
  const absl::Duration dedup_window_;
  Violations& violations_;
  std::map<std::string, EventLog> events_;
  std::vector<absl::Time> arrival_times_;
  // Requests that were told to wait, and for how long.
  std::map<storage::Uuid, absl::Duration> throttled_;
  int64_t requests_ = 0;
};

// Snap as one process reaches it.
class SimulatedSnapClient final : public snap::SnapClient {
 public:
  SimulatedSnapClient(SnapWorld& world, PlantedBug bug) : world_(world), bug_(bug) {}
  snap::SnapReply Send(const snap::SnapRequest& request) override {
    return world_.Exchange(request, bug_);
  }

 private:
  SnapWorld& world_;
  const PlantedBug bug_;
};

}  // namespace snapledger::simulation
