#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "services/lots/open_lot.h"
#include "services/security/envelope.h"
#include "storage/listing_store.h"

namespace snapledger::operators {

// Opens the lots of slices that are read in the order of lots. It keeps one open: more would be
// much memory. Not thread-safe.
class LotReader {
 public:
  // The arguments must outlive this.
  LotReader(storage::ListingStore& listing, security::Envelope& envelope)
      : listing_(listing), envelope_(envelope) {}

  // DATA_LOSS where the lot cannot be read for good; any other error is of this moment.
  absl::StatusOr<std::shared_ptr<const lots::OpenLot>> Open(const storage::SliceRow& slice);

 private:
  storage::ListingStore& listing_;
  security::Envelope& envelope_;
  std::shared_ptr<const lots::OpenLot> last_;
  int32_t last_shard_ = 0;
  int64_t last_lot_id_ = 0;
};

}  // namespace snapledger::operators
