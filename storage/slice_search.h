#pragma once

#include <optional>
#include <vector>

#include "storage/connection.h"
#include "storage/listing_store.h"

namespace snapledger::storage {

// What a search found: the first places of slices, newest first.
struct SliceSearch {
  std::vector<ListingPlace> places;
  std::optional<ListingPlace> stopped_at;  // as SlicePage has it
};

// Finds slices by what ListSlices filters by, along the index that suits the states asked for.
// Reads inside the caller's transaction, which must be one snapshot.
SliceSearch FindSlices(Connection& connection, int32_t shard, const SliceFilter& filter,
                       const std::optional<ListingPlace>& before, int limit);

// Several searches of the same listing as one: what is newest of all of them, `limit` at most, as
// far back as each of them has come. Pure.
SliceSearch MergeSearches(const std::vector<SliceSearch>& searches, int limit);

}  // namespace snapledger::storage
