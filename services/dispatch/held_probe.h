#pragma once

#include "services/dispatch/delivery_pass.h"

namespace snapledger::dispatch {

// Asks Snap, for every destination that is held, whether it would take events again, by a validate
// call with an invented event: nothing of it is counted. A destination whose token and settings
// work is resumed.
class HeldProbe {
 public:
  // The argument must outlive this.
  explicit HeldProbe(const DeliveryPass::Dependencies& dependencies)
      : dependencies_(dependencies) {}

  // Probes each held destination once. Returns how many were resumed.
  int RunOnce();

 private:
  // Whether Snap reads a request with one of the live tokens.
  bool Works(const destinations::ActiveDestination& destination) const;

  const DeliveryPass::Dependencies& dependencies_;
};

}  // namespace snapledger::dispatch
