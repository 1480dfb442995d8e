#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "storage/destination_store.h"

namespace snapledger::destinations {

// Destinations in memory. Not thread-safe.
class FakeDestinationStore final : public storage::DestinationStore {
 public:
  absl::StatusOr<storage::Destination> Create(const NewDestination& made,
                                              std::string_view) override {
    if (by_id_.contains(made.destination_id)) return absl::AlreadyExistsError("exists");
    storage::Destination& destination = by_id_[made.destination_id];
    destination.number = static_cast<int32_t>(by_id_.size());
    destination.destination_id = made.destination_id;
    destination.kind = made.kind;
    destination.display_name = made.display_name;
    destination.settings = made.settings;
    destination.tokens = {{made.token_id, made.sealed_token, absl::Now(), {}, {}}};
    for (int lane = 0; lane < made.settings.lane_count; ++lane) {
      destination.shards.push_back(next_shard_++);
    }
    return destination;
  }

  absl::StatusOr<storage::Destination> Get(std::string_view destination_id) override {
    ++get_count_;
    if (!failure_.ok()) return failure_;
    const auto found = by_id_.find(std::string(destination_id));
    if (found == by_id_.end()) return absl::NotFoundError("none");
    return found->second;
  }

  absl::StatusOr<std::vector<storage::Destination>> List(std::string_view after_id,
                                                         int limit) override {
    if (!failure_.ok()) return failure_;
    std::vector<storage::Destination> page;
    for (auto it = by_id_.upper_bound(std::string(after_id));
         it != by_id_.end() && static_cast<int>(page.size()) < limit; ++it) {
      page.push_back(it->second);
    }
    return page;
  }

  absl::StatusOr<OpenEvents> Delete(std::string_view destination_id, std::string_view) override {
    const auto found = by_id_.find(std::string(destination_id));
    if (found == by_id_.end()) return absl::NotFoundError("none");
    if (open_events_.none()) by_id_.erase(found);
    return open_events_;
  }

  absl::StatusOr<storage::Destination> RotateToken(std::string_view destination_id,
                                                   std::string_view token_id,
                                                   std::string_view sealed, bool drop_others,
                                                   std::string_view) override {
    const auto found = by_id_.find(std::string(destination_id));
    if (found == by_id_.end()) return absl::NotFoundError("none");
    std::vector<storage::DestinationToken>& tokens = found->second.tokens;
    const auto lives = [&](const storage::DestinationToken& token) {
      return token.token_id == token_id;
    };
    if (std::none_of(tokens.begin(), tokens.end(), lives)) {
      storage::DestinationToken token;
      token.token_id = token_id;
      token.sealed = sealed;
      tokens.insert(tokens.begin(), std::move(token));
    }
    if (drop_others) std::erase_if(tokens, std::not_fn(lives));
    if (tokens.size() > kTokensMax) tokens.resize(kTokensMax);
    return found->second;
  }

  absl::StatusOr<storage::Destination> Update(std::string_view destination_id,
                                              std::string_view display_name,
                                              const storage::DestinationSettings& settings,
                                              std::string_view) override {
    const auto found = by_id_.find(std::string(destination_id));
    if (found == by_id_.end()) return absl::NotFoundError("none");
    storage::Destination& destination = found->second;
    const int32_t lanes_before = destination.settings.lane_count;
    destination.display_name = display_name;
    destination.settings = settings;
    if (settings.lane_count == 0) destination.settings.lane_count = lanes_before;
    if (destination.settings.lane_count != lanes_before) {
      destination.former_lane_counts.insert(destination.former_lane_counts.begin(),
                                            {lanes_before, /*identity_holds=*/true});
      ++lane_epoch_;
    }
    while (destination.shards.size() < static_cast<size_t>(destination.settings.lane_count)) {
      destination.shards.push_back(next_shard_++);
    }
    for (auto& [id, each] : by_id_) each.lane_epoch = lane_epoch_;
    return destination;
  }

  absl::StatusOr<storage::Destination> Pause(std::string_view destination_id,
                                             storage::PauseKind kind, std::string_view reason,
                                             std::string_view actor) override {
    const auto found = by_id_.find(std::string(destination_id));
    if (found == by_id_.end()) return absl::NotFoundError("none");
    found->second.pause_kind = kind;
    found->second.paused_reason = reason;
    last_actor_ = std::string(actor);
    return found->second;
  }

  absl::StatusOr<storage::Destination> Resume(std::string_view destination_id,
                                              storage::PauseKind /*only*/,
                                              std::string_view actor) override {
    return Pause(destination_id, storage::PauseKind::kNone, "", actor);
  }

  absl::Status RecordTokenUse(int32_t, std::string_view, bool) override { return absl::OkStatus(); }

  // Reads from now on fail so; OK ends it.
  void FailWith(absl::Status failure) { failure_ = std::move(failure); }
  int get_count() const { return get_count_; }
  // Who paused or resumed last.
  const std::string& last_actor() const { return last_actor_; }
  // What Delete finds that is not final.
  void SetOpenEvents(OpenEvents open_events) { open_events_ = open_events; }

 private:
  static constexpr size_t kTokensMax = 2;

  std::map<std::string, storage::Destination> by_id_;
  absl::Status failure_;
  int get_count_ = 0;
  std::string last_actor_;
  OpenEvents open_events_;
  int64_t lane_epoch_ = 0;
  int32_t next_shard_ = 1;
};

}  // namespace snapledger::destinations
