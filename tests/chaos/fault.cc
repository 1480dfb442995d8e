#include "tests/chaos/fault.h"

#include "absl/time/time.h"

namespace snapledger::chaos {

int Pick(FaultRandom& random, int low, int high) {
  return low + static_cast<int>(random() % static_cast<uint64_t>(high - low + 1));
}

absl::Duration PickTime(FaultRandom& random, absl::Duration low, absl::Duration high) {
  const auto span = static_cast<uint64_t>(absl::ToInt64Milliseconds(high - low));
  return low + absl::Milliseconds(random() % (span + 1));
}

OccupiedService::OccupiedService(Stage& stage, FaultRandom& random) {
  const auto& services = stage.services();
  const size_t first = random() % services.size();
  for (size_t i = 0; i < services.size(); ++i) {
    service_ = services[(first + i) % services.size()].get();
    if (service_->TryOccupy()) return;
  }
  service_->Occupy();
}

OccupiedService::OccupiedService(ServiceProcess& service) : service_(&service) {
  service_->Occupy();
}

OccupiedService::~OccupiedService() { service_->Release(); }

}  // namespace snapledger::chaos
