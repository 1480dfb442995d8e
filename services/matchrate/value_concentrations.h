#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "snapledger/v1/match_rate.pb.h"
#include "storage/value_store.h"

namespace snapledger::matchrate {

// Tells how concentrated the values of identifiers are, from the sketches of days. Blocks on the
// database. Thread-safe.
class ValueConcentrations {
 public:
  // `store` must outlive this.
  explicit ValueConcentrations(storage::ValueStore& store) : store_(store) {}

  // Of all events the shards together received on the UTC days that [start, end) touches.
  absl::Status Fill(const std::vector<int32_t>& shards, std::optional<absl::Time> start,
                    std::optional<absl::Time> end, v1::GetMatchRatesResponse* response);

 private:
  storage::ValueStore& store_;
};

}  // namespace snapledger::matchrate
