#include "services/ingest/lot_builder.h"

#include <algorithm>
#include <string>
#include <utility>

#include "services/base/status_macros.h"
#include "services/lots/sealed_lot.h"
#include "storage/rollup.h"

namespace snapledger::ingest {

absl::StatusOr<storage::LotContents> LotBuilder::Compose(int32_t shard, int64_t lot_id,
                                                         const std::vector<bool>& is_new) {
  storage::LotContents contents;
  contents.oldest_event_time = absl::InfiniteFuture();
  storage::Rollup rollup;
  std::vector<std::string> raw_pieces;
  for (size_t position = 0; position < events_.size(); ++position) {
    if (position % storage::kPieceEvents == 0) raw_pieces.emplace_back();
    if (!is_new[position]) {
      event::AppendEmptyFrame(&raw_pieces.back());
      continue;
    }
    const EncodedEvent& encoded = *events_[position];
    event::AppendFrame(encoded.header, encoded.json, &raw_pieces.back());
    ++rollup[{.name_label = encoded.header.name_label,
              .source_label = encoded.header.source_label,
              .action_source = static_cast<int16_t>(encoded.header.action_source),
              .supplied = encoded.header.supplied,
              .usable = encoded.header.usable}];
    ++contents.event_count;
    contents.json_bytes += static_cast<int>(encoded.json.size());
    contents.oldest_event_time = std::min(contents.oldest_event_time,
                                          absl::FromUnixSeconds(encoded.header.event_time_seconds));
    contents.lookup_keys.insert(contents.lookup_keys.end(), encoded.lookup_keys.begin(),
                                encoded.lookup_keys.end());
  }
  std::sort(contents.lookup_keys.begin(), contents.lookup_keys.end());
  contents.lookup_keys.erase(std::unique(contents.lookup_keys.begin(), contents.lookup_keys.end()),
                             contents.lookup_keys.end());
  contents.rollup = storage::PackRollup(rollup);
  SNAPLEDGER_ASSIGN_OR_RETURN(
      lots::SealedLot sealed,
      lots::Seal(envelope_, raw_pieces, {.shard = shard, .lot_id = lot_id}));
  contents.payload = std::move(sealed.payload);
  contents.piece_bounds = std::move(sealed.piece_bounds);
  return contents;
}

}  // namespace snapledger::ingest
