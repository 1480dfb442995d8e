#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/destinations/destination_directory.h"
#include "services/labels/label_cache.h"
#include "services/query/change_feed.h"
#include "services/query/change_teller.h"
#include "services/query/page_token.h"
#include "services/security/envelope.h"
#include "snapledger/v1/conversion_service.pb.h"
#include "storage/change_store.h"
#include "storage/listing_store.h"

namespace snapledger::query {

// What a watch reads. What it names must outlive the watches.
struct WatchSources {
  destinations::DestinationDirectory& directory;
  storage::ChangeStore& changes;
  storage::ListingStore& listings;
  security::Envelope& envelope;
  labels::LabelCache& labels;
  const PageTokens& tokens;
  const base::Clock& clock;
};

// One WatchEvents call: the changes of a destination's events as messages, in about the order of
// their times. Each message's resume token stands for what was given before it: a watch that
// begins there may repeat, and never skips. Holds a bounded number of rows, lots and messages,
// whoever reads how slowly, and what ChangeFeed remembers. Not thread-safe.
class EventWatch {
 public:
  static constexpr absl::Duration kPollInterval = absl::Milliseconds(250);
  // A caller that asks for reports of progress gets one where nothing else came for so long.
  static constexpr absl::Duration kProgressInterval = absl::Seconds(30);
  // How far back a token may lie.
  static constexpr absl::Duration kResumeSpanMax = absl::Hours(24 * 7);
  static constexpr size_t kMessagesPerStep = 200;

  // Blocks on the database. INVALID_ARGUMENT: a field is missing or wrong, or the resume token is
  // of another watch, forged or too old (INVALID_RESUME_TOKEN); NOT_FOUND: no such destination.
  static absl::StatusOr<std::unique_ptr<EventWatch>> Begin(const WatchSources& sources,
                                                           const v1::WatchEventsRequest& request);

  // Does a bounded piece of the work, which may block on the database, and adds what it found,
  // about kMessagesPerStep messages at most. Gives how long to wait before the next piece.
  absl::StatusOr<absl::Duration> Step(std::vector<v1::WatchEventsResponse>* messages);

 private:
  EventWatch(const WatchSources& sources, const v1::WatchEventsRequest& request,
             std::string token_filter);

  absl::StatusOr<absl::Duration> ReadNextFeed();
  void AddFeeds(const std::vector<int32_t>& shards, absl::Time floor);
  absl::Time Floor() const;
  std::string Token() const;

  const WatchSources sources_;
  const std::string destination_;
  const bool report_progress_;
  const std::string token_filter_;
  absl::flat_hash_set<storage::DeliveryState> states_;  // empty: all
  std::vector<ChangeFeed> feeds_;                       // a shard each
  size_t next_feed_ = 0;
  bool more_now_ = false;  // some feed of this round was not at its end
  // Tells what one feed gave; the next is read once nothing is left.
  ChangeTeller teller_;
  absl::Duration last_message_ = -absl::InfiniteDuration();
};

}  // namespace snapledger::query
