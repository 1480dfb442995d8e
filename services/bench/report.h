#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "services/bench/latencies.h"
#include "services/bench/options.h"
#include "services/bench/steadiness.h"

namespace snapledger::bench {

// An empty call's cost on the same server, and a flush of the disk the database is on.
struct Companions {
  double noop_per_second = 0;  // with as many in flight as the run has
  Percentiles noop;
  double flush_ms = 0;
};

// The median time from a claim to its recorded outcome, early and late in a drain.
struct DeliveryDrift {
  double first_tenth_ms = 0;
  double last_tenth_ms = 0;
};

// What one run found. Processor time is in microseconds per event.
struct Report {
  double seconds = 0;
  Percentiles latency;
  double service_us = 0;
  std::optional<double> postgres_us;  // not known where the server is on another machine
  double client_us = 0;
  std::optional<double> sink_us;  // where events were delivered
  double machine_us = 0;          // all that ran meanwhile, whoever started it
  double wal_bytes = 0;           // per event
  int64_t peak_resident_bytes = 0;
  double lot_events = 0;  // the mean
  double snap_bytes = 0;  // of an event's JSON, the mean
  double requests = 0;    // to the sink
  std::optional<Companions> companions;
  std::optional<Steadiness> steadiness;  // where the run had a rate
  std::optional<DeliveryDrift> drift;    // of a drain
  std::string server_version;
};

// One line of JSON: the members of the contract, then those that say how the run was made.
std::string ToJson(const Options& options, const Report& report);

}  // namespace snapledger::bench
