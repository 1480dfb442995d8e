#pragma once

#include <string>

#include "storage/ledger.h"
#include "storage/pool.h"

namespace snapledger::faulty {

// What mistakes of a ledger would leave in its database, written beside it. Thread-safe; where the
// database does not answer nothing is damaged.
class Damage {
 public:
  explicit Damage(const std::string& database_url) : pool_({.connection = {.url = database_url}}) {}

  // The claim raised no fence.
  void LowerFences(const storage::ClaimRequest& claim);
  // The lots were counted, too, where only folding counts.
  void CountAppended(absl::Span<const storage::NewLot> lots);
  // What was reaped counts as not sent.
  void ReapedToPending(int32_t shard);
  // Slices that the attempt delivered are canceled, and nothing tells of it.
  void CancelDelivered(const storage::RecordRequest& recorded);
  // One slice that the attempt delivered is gone.
  void LoseSlice(const storage::RecordRequest& recorded);
  // The first entry of the audit log names somebody else.
  void EditAudit();

 private:
  storage::ConnectionPool pool_;
};

}  // namespace snapledger::faulty
