#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/event/lot_codec.h"
#include "services/lots/open_lot.h"
#include "services/security/envelope.h"
#include "storage/destination_store.h"
#include "storage/ledger.h"

namespace snapledger::dispatch {

// After how many owners that vanished with it a slice's events are sent one by one.
inline constexpr int kVanishedOwnersMax = 3;

// Opens the claimed slices of one shard, decides what of them must not be sent, and frames the rest
// into one body. Serves one claim.
class BatchBuilder final : public storage::BatchComposer {
 public:
  // The arguments must outlive this.
  BatchBuilder(int32_t shard, security::Envelope& envelope,
               const storage::DestinationSettings& settings)
      : shard_(shard), envelope_(envelope), settings_(settings) {}

  absl::StatusOr<storage::ComposedBatch> Compose(const std::vector<storage::ClaimedSlice>& slices,
                                                 absl::Time database_now) override;

  // The exact body; valid after a claim that gave a batch.
  const std::string& body() const { return body_; }
  // The frames of a lot of the batch.
  const std::vector<event::Frame>& FramesOf(int64_t lot_id) const;

 private:
  // Adds what shall become of slice `index`. Only a lot that is damaged for good is set aside.
  absl::Status Dispose(const std::vector<storage::ClaimedSlice>& slices, size_t index,
                       absl::Time now, storage::ComposedBatch* composed);
  // Leaves in the queue what one request of this destination may not carry; parks what of an
  // isolation group waits for the outcome of the rest.
  void KeepEventLimit(const std::vector<storage::ClaimedSlice>& slices,
                      storage::ComposedBatch* composed) const;
  void DisposeByDeadline(const storage::ClaimedSlice& slice, size_t index, absl::Time now,
                         storage::ComposedBatch* composed);
  absl::Status Open(const storage::ClaimedSlice& slice);
  std::string FrameBody(const std::vector<storage::ClaimedSlice>& slices,
                        storage::ComposedBatch* composed) const;

  const int32_t shard_;
  security::Envelope& envelope_;
  const storage::DestinationSettings& settings_;
  absl::flat_hash_map<int64_t, std::shared_ptr<const lots::OpenLot>> open_;  // by lot id
  std::string body_;
};

// The SHA-256 of a request's body.
std::array<uint8_t, 32> BodySha256(std::string_view body);

}  // namespace snapledger::dispatch
