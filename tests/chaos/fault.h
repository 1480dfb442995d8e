#pragma once

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/chaos/stage.h"

namespace snapledger::chaos {

using FaultRandom = std::mt19937_64;

// What a fault befalls. Faults of one place happen one after the other, but for those of services:
// two of these at a time, never of the same one.
enum class FaultPlace { kService, kDatabase, kSnap, kOperator };

// One kind of fault. `inflict` does it, holds it for a while and ends it, as `random` says; true
// where it really took place.
struct FaultKind {
  std::string name;
  FaultPlace place = FaultPlace::kService;
  std::function<bool(Stage& stage, FaultRandom& random)> inflict;
  std::string why_not;  // why it cannot be inflicted here; empty: it can
};

std::vector<FaultKind> ServiceFaults();
std::vector<FaultKind> NetworkFaults();
std::vector<FaultKind> DatabaseFaults(const Database& database);
std::vector<FaultKind> SnapFaults();
std::vector<FaultKind> OperatorFaults();

// A whole number from low to high, and a time.
int Pick(FaultRandom& random, int low, int high);
absl::Duration PickTime(FaultRandom& random, absl::Duration low, absl::Duration high);

// A service that no other fault has; waits where all are taken. It is given back when this ends.
class OccupiedService {
 public:
  OccupiedService(Stage& stage, FaultRandom& random);
  explicit OccupiedService(ServiceProcess& service);
  OccupiedService(const OccupiedService&) = delete;
  OccupiedService& operator=(const OccupiedService&) = delete;
  ~OccupiedService();

  ServiceProcess* operator->() const { return service_; }
  ServiceProcess& operator*() const { return *service_; }

 private:
  ServiceProcess* service_ = nullptr;
};

}  // namespace snapledger::chaos
