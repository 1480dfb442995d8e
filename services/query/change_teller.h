#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "services/labels/label_cache.h"
#include "services/query/lot_reader.h"
#include "services/security/envelope.h"
#include "snapledger/v1/conversion_service.pb.h"
#include "storage/change_store.h"
#include "storage/listing_store.h"

namespace snapledger::query {

// Tells changes as messages of a watch, one per event they concern, without resume token. An event
// is told as it stands now, beside the transition that was. What is taken is told bit by bit, so
// that a change of thousands of events is never in memory whole. Not thread-safe; after an error
// it is of no more use.
class ChangeTeller {
 public:
  struct Sources {
    storage::ChangeStore& changes;
    storage::ListingStore& listings;
    security::Envelope& envelope;
    labels::LabelCache& labels;
  };

  // What `sources` name must outlive this.
  ChangeTeller(const Sources& sources, std::string destination)
      : sources_(sources),
        destination_(std::move(destination)),
        lots_(sources.listings, sources.envelope) {}

  // Takes changes of one shard; only where nothing is left.
  void Take(int32_t shard, std::vector<storage::ChangeRow> changes);
  bool nothing_left() const { return changes_.empty() && pieces_.empty(); }

  // Adds about `count_max` messages at most and returns; blocks on the database.
  absl::Status Tell(size_t count_max, std::vector<v1::WatchEventsResponse>* messages);

 private:
  // Events of a change that are still to be told.
  struct Piece {
    std::shared_ptr<const storage::ChangeRow> change;
    storage::LotRange range;
  };
  using Slices = absl::Span<const storage::SliceRow>;  // by lot and position
  using Messages = std::vector<v1::WatchEventsResponse>;

  absl::Status FillPieces();
  std::vector<int64_t> LotsToTell(size_t count_max) const;
  absl::StatusOr<bool> TellPiece(Slices slices, const lots::OpenLot& lot, size_t count_max,
                                 Piece* piece, Messages* messages);
  void TellUnreadable(Slices slices, const Piece& piece, Messages* messages);
  v1::EventStatus* Add(const storage::ChangeRow& change, Messages* messages);

  const Sources sources_;
  const std::string destination_;
  LotReader lots_;
  int32_t shard_ = 0;
  std::deque<storage::ChangeRow> changes_;
  std::deque<Piece> pieces_;
};

}  // namespace snapledger::query
