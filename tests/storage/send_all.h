#pragma once

#include <vector>

#include "storage/ledger.h"

namespace snapledger::storage {

// Sends every slice whole.
class SendAll : public BatchComposer {
 public:
  absl::StatusOr<ComposedBatch> Compose(const std::vector<ClaimedSlice>& slices,
                                        absl::Time) override {
    ComposedBatch batch;
    for (size_t i = 0; i < slices.size(); ++i) {
      batch.disposals.push_back({.slice = i,
                                 .part = {.first_position = slices[i].key.first_position,
                                          .last_position = slices[i].last_position,
                                          .event_count = slices[i].event_count}});
      batch.event_count += slices[i].event_count;
    }
    return batch;
  }
};

}  // namespace snapledger::storage
