#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "storage/observation_store.h"
#include "storage/pool.h"

namespace snapledger::storage {

// ObservationStore on PostgreSQL.
class PostgresObservationStore final : public ObservationStore {
 public:
  // `pool` must outlive this.
  explicit PostgresObservationStore(ConnectionPool& pool) : pool_(pool) {}

  absl::StatusOr<Kept> Insert(int32_t destination_number, std::string_view destination_id,
                              const MatchObservationRow& observation) override;
  absl::StatusOr<std::vector<MatchObservationRow>> List(
      int32_t destination_number, const std::optional<ObservationPlace>& before,
      int limit) override;

 private:
  ConnectionPool& pool_;
};

}  // namespace snapledger::storage
