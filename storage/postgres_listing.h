#pragma once

#include <optional>
#include <vector>

#include "storage/listing_store.h"
#include "storage/pool.h"

namespace snapledger::storage {

// ListingStore on PostgreSQL. How slices are found: slice_search.h.
class PostgresListingStore final : public ListingStore {
 public:
  // `pool` must outlive this.
  explicit PostgresListingStore(ConnectionPool& pool) : pool_(pool) {}

  absl::StatusOr<SlicePage> ListSlices(int32_t shard, const SliceFilter& filter,
                                       const std::optional<ListingPlace>& before,
                                       int limit) override;
  absl::StatusOr<std::vector<LotPayload>> Payloads(int32_t shard,
                                                   absl::Span<const int64_t> lot_ids) override;
  absl::StatusOr<std::vector<AttemptRow>> ListAttempts(int32_t shard, const AttemptFilter& filter,
                                                       const std::optional<AttemptPlace>& before,
                                                       int limit) override;

 private:
  ConnectionPool& pool_;
};

}  // namespace snapledger::storage
