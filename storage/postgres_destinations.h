#pragma once

#include <string_view>
#include <vector>

#include "storage/destination_store.h"
#include "storage/pool.h"

namespace snapledger::storage {

// DestinationStore on PostgreSQL.
class PostgresDestinationStore final : public DestinationStore {
 public:
  // `pool` must outlive this.
  explicit PostgresDestinationStore(ConnectionPool& pool) : pool_(pool) {}

  absl::StatusOr<Destination> Create(const NewDestination& destination,
                                     std::string_view actor) override;
  absl::StatusOr<Destination> Get(std::string_view destination_id) override;
  absl::StatusOr<std::vector<Destination>> List(std::string_view after_id, int limit) override;
  absl::StatusOr<Destination> Update(std::string_view destination_id, std::string_view display_name,
                                     const DestinationSettings& settings,
                                     std::string_view actor) override;
  absl::StatusOr<OpenEvents> Delete(std::string_view destination_id,
                                    std::string_view actor) override;
  absl::StatusOr<Destination> RotateToken(std::string_view destination_id,
                                          std::string_view token_id, std::string_view sealed,
                                          bool drop_others, std::string_view actor) override;
  absl::StatusOr<Destination> Pause(std::string_view destination_id, PauseKind kind,
                                    std::string_view reason, std::string_view actor) override;
  // Ends a time the gate was shut for too, so that sends start at once. Changes nothing
  // where the destination is not paused.
  absl::StatusOr<Destination> Resume(std::string_view destination_id, PauseKind only,
                                     std::string_view actor) override;
  // NOT_FOUND where the destination has no such token.
  absl::Status RecordTokenUse(int32_t destination_number, std::string_view token_id,
                              bool success) override;

 private:
  ConnectionPool& pool_;
};

}  // namespace snapledger::storage
