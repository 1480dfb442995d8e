#include "services/query/lot_reader.h"

#include <utility>
#include <vector>

#include "services/base/log.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"

namespace snapledger::query {

absl::StatusOr<std::shared_ptr<const lots::OpenLot>> OpenOrMiss(security::Envelope& envelope,
                                                                std::string_view payload,
                                                                security::LotPlace place) {
  return LotOrMiss(lots::OpenLot::Open(envelope, payload, place), place);
}

absl::StatusOr<std::shared_ptr<const lots::OpenLot>> LotOrMiss(
    absl::StatusOr<std::shared_ptr<const lots::OpenLot>> lot, security::LotPlace place) {
  if (!absl::IsDataLoss(lot.status())) return lot;
  base::Log(base::Severity::kError, "a lot cannot be read",
            {{"shard", static_cast<int64_t>(place.shard)},
             {"lot", place.lot_id},
             {"error", base::AsStd(lot.status().message())}});
  return nullptr;
}

absl::Status LotReader::Read(absl::Span<const storage::SliceRow> slices) {
  Lots kept;
  std::map<int32_t, std::vector<int64_t>> missing;  // by shard
  for (const storage::SliceRow& slice : slices) {
    const auto [entry, added] = kept.try_emplace(slice.key.lot_id);
    if (!added) continue;
    if (const auto open = lots_.find(slice.key.lot_id); open != lots_.end()) {
      entry->second = open->second;
    } else {
      missing[slice.shard].push_back(slice.key.lot_id);
    }
  }
  lots_ = std::move(kept);
  for (const auto& [shard, lot_ids] : missing) {
    SNAPLEDGER_ASSIGN_OR_RETURN(const std::vector<storage::LotPayload> payloads,
                                listings_.Payloads(shard, lot_ids));
    for (const storage::LotPayload& lot : payloads) {
      SNAPLEDGER_ASSIGN_OR_RETURN(lots_[lot.lot_id],
                                  OpenOrMiss(envelope_, lot.payload, {shard, lot.lot_id}));
    }
  }
  return absl::OkStatus();
}

const lots::OpenLot* LotReader::Find(int64_t lot_id) const {
  const auto found = lots_.find(lot_id);
  return found == lots_.end() ? nullptr : found->second.get();
}

}  // namespace snapledger::query
