#pragma once

#include <string_view>

#include "storage/data_key_store.h"
#include "storage/pool.h"

namespace snapledger::storage {

// DataKeyStore on PostgreSQL.
class PostgresDataKeyStore final : public DataKeyStore {
 public:
  // `pool` must outlive this.
  explicit PostgresDataKeyStore(ConnectionPool& pool) : pool_(pool) {}

  absl::StatusOr<WrappedDataKey> FindOrInsert(std::string_view day,
                                              std::string_view wrapped_if_new) override;
  absl::StatusOr<WrappedDataKey> Get(int32_t number) override;

 private:
  ConnectionPool& pool_;
};

}  // namespace snapledger::storage
