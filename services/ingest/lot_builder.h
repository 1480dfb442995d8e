#pragma once

#include <cstdint>
#include <vector>

#include "services/ingest/committer.h"
#include "services/security/envelope.h"
#include "storage/ledger.h"

namespace snapledger::ingest {

// Makes the sealed payload, the rollup and the lookup keys of one lot out of the events of it that
// are new. Used by one writer at a time.
class LotBuilder final : public storage::LotComposer {
 public:
  // The events must outlive this; their index is their position.
  LotBuilder(security::Envelope& envelope, std::vector<const EncodedEvent*> events)
      : envelope_(envelope), events_(std::move(events)) {}

  void EnterLife(const storage::ServerLife& life) override { envelope_.EnterLife(life); }
  absl::StatusOr<storage::LotContents> Compose(int32_t shard, int64_t lot_id,
                                               const std::vector<bool>& is_new) override;

  const std::vector<const EncodedEvent*>& events() const { return events_; }

 private:
  security::Envelope& envelope_;
  const std::vector<const EncodedEvent*> events_;
};

}  // namespace snapledger::ingest
