#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/bench/deployment.h"
#include "services/bench/report.h"

namespace snapledger::bench {

// Measures what a deployment and this process use between its making and Finish.
class Meter {
 public:
  // After a checkpoint, so that every run pays for the same full pages.
  static absl::StatusOr<Meter> Begin(Deployment& deployment);

  // Writes the costs of `events` events into `report`.
  absl::Status Finish(int64_t events, Report* report) const;

 private:
  struct Reading {
    double service = 0, postgres = 0, process = 0, sink = 0, machine = 0;
    int64_t wal_bytes = 0, requests = 0;
  };
  explicit Meter(Deployment& deployment) : deployment_(&deployment) {}
  absl::StatusOr<Reading> Read() const;

  Deployment* deployment_;
  Reading begin_;
};

}  // namespace snapledger::bench
