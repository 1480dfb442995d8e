#include "services/operators/lot_reader.h"

#include <vector>

#include "services/base/status_macros.h"

namespace snapledger::operators {

absl::StatusOr<std::shared_ptr<const lots::OpenLot>> LotReader::Open(
    const storage::SliceRow& slice) {
  const int64_t lot_id = slice.key.lot_id;
  if (last_ == nullptr || last_shard_ != slice.shard || last_lot_id_ != lot_id) {
    SNAPLEDGER_ASSIGN_OR_RETURN(const std::vector<storage::LotPayload> payloads,
                                listing_.Payloads(slice.shard, {lot_id}));
    if (payloads.empty()) return absl::DataLossError("the lot has no payload");
    SNAPLEDGER_ASSIGN_OR_RETURN(last_,
                                lots::OpenLot::Open(envelope_, payloads[0].payload,
                                                    {.shard = slice.shard, .lot_id = lot_id}));
    last_shard_ = slice.shard;
    last_lot_id_ = lot_id;
  }
  if (static_cast<int>(last_->frames().size()) <= slice.last_position) {
    return absl::DataLossError("the lot has fewer events than its row says");
  }
  return last_;
}

}  // namespace snapledger::operators
