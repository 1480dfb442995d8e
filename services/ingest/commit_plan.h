#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "services/ingest/committer.h"
#include "services/ingest/lot_builder.h"
#include "storage/ledger.h"

namespace snapledger::ingest {

// An event with the destination it goes to, as the commit sees it.
struct PlacedEvent {
  const EncodedEvent* encoded = nullptr;
  const destinations::ActiveDestination* destination = nullptr;
};

// Which lots the events of one group commit go into, and what each event became of it. An event
// whose key another event of the group has already is not appended: it is a duplicate of that one,
// or a conflict with it. Not thread-safe.
class CommitPlan {
 public:
  // `events` and `envelope` must outlive this.
  CommitPlan(const std::vector<PlacedEvent>& events, security::Envelope& envelope);

  const std::vector<storage::NewLot>& lots() const { return lots_; }

  // What became of each event, given the ledger's answer to lots().
  std::vector<StoredAs> Outcomes(const std::vector<storage::AppendedLot>& appended) const;

  // The shards that got something to send.
  std::vector<int32_t> ShardsToSend(const std::vector<storage::AppendedLot>& appended) const;

 private:
  struct Place {
    size_t lot = 0;
    int position = 0;
    bool first = true;  // false: an earlier event of the group has this key
    bool same_content = true;
  };

  // Puts an event that is the first of its key into a lot of its shard.
  void AddToLot(const PlacedEvent& event, int32_t shard);

  struct OpenLot {
    size_t index = 0;
    size_t bytes = 0;
  };

  const std::vector<PlacedEvent>& events_;
  std::map<std::pair<int32_t, bool>, OpenLot> open_lots_;  // by shard and whether suppressed
  std::vector<std::vector<const EncodedEvent*>> members_;  // of each lot, until it has a builder
  std::vector<Place> places_;                              // of each event
  std::vector<std::unique_ptr<LotBuilder>> builders_;
  std::vector<storage::NewLot> lots_;
};

}  // namespace snapledger::ingest
