#pragma once

#include <string_view>
#include <vector>

#include "storage/label_store.h"
#include "storage/pool.h"

namespace snapledger::storage {

// LabelStore on PostgreSQL. Labels become visible in the order of their numbers, so that a cache
// filled by ListAfter misses none.
class PostgresLabelStore final : public LabelStore {
 public:
  // `pool` must outlive this.
  explicit PostgresLabelStore(ConnectionPool& pool) : pool_(pool) {}

  absl::StatusOr<int32_t> FindOrInsert(LabelKind kind, std::string_view text) override;
  absl::StatusOr<std::vector<Label>> ListAfter(int32_t after_number) override;

 private:
  ConnectionPool& pool_;
};

}  // namespace snapledger::storage
