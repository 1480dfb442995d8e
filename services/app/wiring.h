#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/app/config.h"
#include "services/app/ready_file.h"
#include "services/app/roles.h"
#include "services/app/seams.h"

namespace snapledger::app {

// The process that `serve` is: everything it does, wired together by its roles and running.
class Wiring {
 public:
  // Opens the database, brings an embedded one to the schema, and starts what the roles ask for.
  // It serves once this returns.
  static absl::StatusOr<std::unique_ptr<Wiring>> Start(const Config& config, const Roles& roles,
                                                       const Seams& seams);
  // Drains where Drain was not called, then stops the rest in the order of the flow.
  ~Wiring();

  // Where it serves.
  ReadyNotice notice() const;

  // Tells health, takes no more calls and finishes those in flight; after `patience` what is left
  // is canceled.
  void Drain(absl::Duration patience);

 private:
  class Parts;
  explicit Wiring(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace snapledger::app
