#pragma once

#include <string>

#include "storage/destination_store.h"
#include "tests/simulation/in_memory_ledger.h"

namespace snapledger::simulation {

// One destination, made before the world begins; only what dispatching asks of it.
class FakeDestinationStore final : public storage::DestinationStore {
 public:
  // `ledger` must outlive this: a pause shuts its gates.
  FakeDestinationStore(storage::Destination destination, InMemoryLedger& ledger)
      : destination_(std::move(destination)), ledger_(ledger) {}

  absl::StatusOr<storage::Destination> Create(const NewDestination&, std::string_view) override {
    return Refuse();
  }
  absl::StatusOr<storage::Destination> Get(std::string_view) override { return destination_; }
  absl::StatusOr<std::vector<storage::Destination>> List(std::string_view after_id, int) override {
    if (!after_id.empty()) return std::vector<storage::Destination>();
    return std::vector{destination_};
  }
  absl::StatusOr<storage::Destination> Update(std::string_view, std::string_view,
                                              const storage::DestinationSettings&,
                                              std::string_view) override {
    return Refuse();
  }
  absl::StatusOr<OpenEvents> Delete(std::string_view, std::string_view) override {
    return Refuse();
  }
  absl::StatusOr<storage::Destination> RotateToken(std::string_view, std::string_view,
                                                   std::string_view, bool,
                                                   std::string_view) override {
    return Refuse();
  }
  absl::StatusOr<storage::Destination> Pause(std::string_view, storage::PauseKind kind,
                                             std::string_view reason, std::string_view) override {
    const bool held_by_operator = destination_.pause_kind == storage::PauseKind::kOperator;
    if (held_by_operator && kind == storage::PauseKind::kHeld) return destination_;
    destination_.pause_kind = kind;
    destination_.paused_reason = reason;
    ledger_.SetPaused(destination_.number, true);
    return destination_;
  }
  absl::StatusOr<storage::Destination> Resume(std::string_view, storage::PauseKind only,
                                              std::string_view) override {
    if (only != storage::PauseKind::kNone && only != destination_.pause_kind) return destination_;
    destination_.pause_kind = storage::PauseKind::kNone;
    destination_.paused_reason.clear();
    ledger_.SetPaused(destination_.number, false);
    return destination_;
  }
  absl::Status RecordTokenUse(int32_t, std::string_view, bool) override { return absl::OkStatus(); }

 private:
  static absl::Status Refuse() { return absl::UnimplementedError("no part of the simulation"); }

  storage::Destination destination_;
  InMemoryLedger& ledger_;
};

}  // namespace snapledger::simulation
