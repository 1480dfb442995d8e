#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "services/lots/open_lot.h"
#include "services/security/envelope.h"
#include "storage/listing_store.h"

namespace snapledger::query {

// A lot that was opened for a person to read about it: null, and a line in the log, where it is
// damaged or its data key is gone. Any other error is of this moment.
absl::StatusOr<std::shared_ptr<const lots::OpenLot>> LotOrMiss(
    absl::StatusOr<std::shared_ptr<const lots::OpenLot>> lot, security::LotPlace place);

// Opens a lot's whole payload likewise.
absl::StatusOr<std::shared_ptr<const lots::OpenLot>> OpenOrMiss(security::Envelope& envelope,
                                                                std::string_view payload,
                                                                security::LotPlace place);

// The lots of the slices of one page, each opened once while slices of it follow each other. Not
// thread-safe.
class LotReader {
 public:
  // The arguments must outlive this.
  LotReader(storage::ListingStore& listings, security::Envelope& envelope)
      : listings_(listings), envelope_(envelope) {}

  // Opens the lots of these slices and closes all others.
  absl::Status Read(absl::Span<const storage::SliceRow> slices);

  // Null where the lot cannot be read. Of the slices last read.
  const lots::OpenLot* Find(int64_t lot_id) const;

 private:
  using Lots = std::map<int64_t, std::shared_ptr<const lots::OpenLot>>;

  storage::ListingStore& listings_;
  security::Envelope& envelope_;
  Lots lots_;  // by id, which is unique across shards; null: cannot be read
};

}  // namespace snapledger::query
