#include "services/ingest/commit_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace snapledger::ingest {
namespace {

// A lot's JSON stays below what one request may carry.
constexpr size_t kLotBytesMax = size_t{2} << 20;

storage::NewIdentity IdentityOf(const EncodedEvent& encoded) {
  return {.event_key = encoded.key,
          .content_digest = encoded.content_digest,
          .event_time = absl::FromUnixSeconds(encoded.header.event_time_seconds),
          .name_label = encoded.header.name_label,
          .source_label = encoded.header.source_label,
          .usable = encoded.header.usable};
}

// Adds the shards the key at `position` belonged to before to those of its lot.
void AddFormerShards(const std::vector<int32_t>& shards, int position, storage::NewLot* lot) {
  for (const int32_t shard : shards) {
    auto former = std::find_if(lot->former_shards.begin(), lot->former_shards.end(),
                               [shard](const auto& known) { return known.shard == shard; });
    if (former == lot->former_shards.end()) {
      former = lot->former_shards.insert(former, {.shard = shard});
    }
    former->positions.push_back(position);
  }
}

}  // namespace

CommitPlan::CommitPlan(const std::vector<PlacedEvent>& events, security::Envelope& envelope)
    : events_(events) {
  std::map<std::pair<int32_t, event::EventKey>, size_t> first_of_key;
  for (size_t i = 0; i < events.size(); ++i) {
    const EncodedEvent& encoded = *events[i].encoded;
    const int32_t shard = events[i].destination->ShardOf(encoded.key);
    const auto [first, is_first] = first_of_key.try_emplace({shard, encoded.key}, i);
    if (is_first) {
      AddToLot(events[i], shard);
      continue;
    }
    Place place = places_[first->second];
    place.first = false;
    place.same_content = events[first->second].encoded->content_digest == encoded.content_digest;
    places_.push_back(place);
  }
  for (size_t lot = 0; lot < lots_.size(); ++lot) {
    builders_.push_back(std::make_unique<LotBuilder>(envelope, std::move(members_[lot])));
    lots_[lot].composer = builders_[lot].get();
  }
}

void CommitPlan::AddToLot(const PlacedEvent& event, int32_t shard) {
  const EncodedEvent& encoded = *event.encoded;
  const auto [open, is_new] = open_lots_.try_emplace({shard, encoded.suppressed});
  if (is_new || members_[open->second.index].size() >= storage::kLotEventsMax ||
      open->second.bytes + encoded.json.size() > kLotBytesMax) {
    open->second = {.index = members_.size(), .bytes = 0};
    members_.emplace_back();
    lots_.push_back({.shard = shard,
                     .lane_epoch = event.destination->stored.lane_epoch,
                     .suppressed = encoded.suppressed});
  }
  const size_t lot = open->second.index;
  const auto position = static_cast<int>(members_[lot].size());
  open->second.bytes += encoded.json.size();
  places_.push_back({.lot = lot, .position = position});
  members_[lot].push_back(&encoded);
  lots_[lot].events.push_back(IdentityOf(encoded));
  AddFormerShards(event.destination->FormerShardsOf(encoded.key), position, &lots_[lot]);
}

std::vector<StoredAs> CommitPlan::Outcomes(
    const std::vector<storage::AppendedLot>& appended) const {
  std::vector<std::map<int, int64_t>> held(appended.size());
  for (size_t lot = 0; lot < appended.size(); ++lot) {
    for (const storage::HeldEvent& event : appended[lot].held) {
      held[lot][event.position] = event.content_digest;
    }
  }
  std::vector<StoredAs> outcomes;
  outcomes.reserve(places_.size());
  for (size_t i = 0; i < places_.size(); ++i) {
    const Place& place = places_[i];
    const auto stored = held[place.lot].find(place.position);
    if (stored != held[place.lot].end()) {
      const EncodedEvent& encoded = *events_[i].encoded;
      const bool same = stored->second == encoded.content_digest ||
                        stored->second == encoded.plain_content_digest;
      outcomes.push_back(same ? StoredAs::kDuplicate : StoredAs::kConflict);
    } else if (place.first) {
      outcomes.push_back(StoredAs::kNew);
    } else {
      outcomes.push_back(place.same_content ? StoredAs::kDuplicate : StoredAs::kConflict);
    }
  }
  return outcomes;
}

std::vector<int32_t> CommitPlan::ShardsToSend(
    const std::vector<storage::AppendedLot>& appended) const {
  std::set<int32_t> shards;
  for (size_t lot = 0; lot < lots_.size(); ++lot) {
    if (!lots_[lot].suppressed && appended[lot].held.size() < lots_[lot].events.size()) {
      shards.insert(lots_[lot].shard);
    }
  }
  return {shards.begin(), shards.end()};
}

}  // namespace snapledger::ingest
