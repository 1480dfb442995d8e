#include "services/ingest/commit_plan.h"

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

struct OpenLot {
  size_t index = 0;
  size_t bytes = 0;
};

}  // namespace

CommitPlan::CommitPlan(const std::vector<const EncodedEvent*>& events, security::Envelope& envelope)
    : events_(events) {
  std::map<std::pair<int32_t, event::EventKey>, size_t> first_of_key;
  std::map<std::pair<int32_t, bool>, OpenLot> open_lots;
  std::vector<std::vector<const EncodedEvent*>> members;
  for (size_t i = 0; i < events.size(); ++i) {
    const EncodedEvent& encoded = *events[i];
    const auto [first, is_first] = first_of_key.try_emplace({encoded.shard, encoded.key}, i);
    if (!is_first) {
      Place place = places_[first->second];
      place.first = false;
      place.same_content = events[first->second]->content_digest == encoded.content_digest;
      places_.push_back(place);
      continue;
    }
    const auto [open, is_new] = open_lots.try_emplace({encoded.shard, encoded.suppressed});
    if (is_new || members[open->second.index].size() >= storage::kLotEventsMax ||
        open->second.bytes + encoded.json.size() > kLotBytesMax) {
      open->second = {.index = members.size(), .bytes = 0};
      members.emplace_back();
      lots_.push_back({.shard = encoded.shard, .suppressed = encoded.suppressed});
    }
    const size_t lot = open->second.index;
    open->second.bytes += encoded.json.size();
    places_.push_back({.lot = lot, .position = static_cast<int>(members[lot].size())});
    members[lot].push_back(&encoded);
    lots_[lot].events.push_back(IdentityOf(encoded));
  }
  for (size_t lot = 0; lot < lots_.size(); ++lot) {
    builders_.push_back(std::make_unique<LotBuilder>(envelope, std::move(members[lot])));
    lots_[lot].composer = builders_[lot].get();
  }
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
      outcomes.push_back(stored->second == events_[i]->content_digest ? StoredAs::kDuplicate
                                                                      : StoredAs::kConflict);
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
