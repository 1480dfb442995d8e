#include "services/destinations/destination_directory.h"

#include <algorithm>
#include <utility>

#include "services/base/error_details.h"
#include "services/base/log.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/destinations/destination_settings.h"
#include "services/destinations/token_context.h"

namespace snapledger::destinations {
namespace {

constexpr int kPageSize = 1000;

event::PreparePolicy PolicyOf(const storage::Destination& stored) {
  event::PreparePolicy policy;
  policy.destination_kind = static_cast<event::DestinationKind>(stored.kind);
  policy.default_phone_region = stored.settings.default_phone_region;
  policy.max_age_web = stored.settings.max_age_web;
  policy.max_age_mobile_app = stored.settings.max_age_mobile_app;
  policy.max_age_offline = stored.settings.max_age_offline;
  policy.unspecified_consent = static_cast<event::Consent>(stored.settings.unspecified_consent);
  return policy;
}

// The opened token, taken from `before` where it is the same one: opening costs a decryption.
absl::StatusOr<base::Secret> OpenToken(const storage::Destination& stored,
                                       const storage::DestinationToken& token,
                                       const ActiveDestination* before,
                                       const security::Envelope& envelope) {
  for (size_t i = 0; before != nullptr && i < before->tokens.size(); ++i) {
    if (before->tokens[i].token_id != token.token_id) continue;
    for (const storage::DestinationToken& old : before->stored.tokens) {
      if (old.token_id == token.token_id && old.sealed == token.sealed) {
        return before->tokens[i].secret;
      }
    }
  }
  return envelope.OpenSecret(token.sealed, TokenContext(stored.destination_id, token.token_id));
}

DestinationPtr Activate(storage::Destination stored, const ActiveDestination* before,
                        const security::Envelope& envelope) {
  auto active = std::make_shared<ActiveDestination>();
  for (const storage::DestinationToken& token : stored.tokens) {
    absl::StatusOr<base::Secret> secret = OpenToken(stored, token, before, envelope);
    if (secret.ok()) {
      active->tokens.push_back({token.token_id, *std::move(secret)});
      continue;
    }
    base::Log(base::Severity::kError, "an access token cannot be opened with the key file",
              {{"destination", stored.destination_id}, {"token_id", token.token_id}});
  }
  active->prepare_policy = PolicyOf(stored);
  active->stored = std::move(stored);
  return active;
}

absl::StatusOr<std::vector<storage::Destination>> ListAll(storage::DestinationStore& store) {
  std::vector<storage::Destination> all;
  while (true) {
    const std::string after = all.empty() ? "" : all.back().destination_id;
    SNAPLEDGER_ASSIGN_OR_RETURN(std::vector<storage::Destination> page,
                                store.List(after, kPageSize));
    const bool last = page.size() < kPageSize;
    std::move(page.begin(), page.end(), std::back_inserter(all));
    if (last) return all;
  }
}

int32_t ShardAmong(int32_t lane_count, const storage::Destination& stored,
                   const ActiveDestination::EventKey& event_key) {
  uint64_t hash = 0;
  for (int i = 0; i < 8; ++i) hash = hash << 8 | event_key[i];
  return stored.shards[hash % static_cast<uint64_t>(lane_count)];
}

void AddOnce(int32_t shard, std::vector<int32_t>* shards) {
  if (std::find(shards->begin(), shards->end(), shard) == shards->end()) shards->push_back(shard);
}

}  // namespace

int32_t ActiveDestination::ShardOf(const EventKey& event_key) const {
  return ShardAmong(stored.settings.lane_count, stored, event_key);
}

std::vector<int32_t> ActiveDestination::ShardsOf(const EventKey& event_key) const {
  std::vector<int32_t> shards = {ShardOf(event_key)};
  for (const storage::FormerLaneCount& former : stored.former_lane_counts) {
    AddOnce(ShardAmong(former.lane_count, stored, event_key), &shards);
  }
  return shards;
}

std::vector<int32_t> ActiveDestination::FormerShardsOf(const EventKey& event_key) const {
  std::vector<int32_t> shards;
  const int32_t current = ShardOf(event_key);
  for (const storage::FormerLaneCount& former : stored.former_lane_counts) {
    const int32_t shard = ShardAmong(former.lane_count, stored, event_key);
    if (former.identity_holds && shard != current) AddOnce(shard, &shards);
  }
  return shards;
}

DestinationDirectory::DestinationDirectory(storage::DestinationStore& store,
                                           security::Envelope& envelope)
    : store_(store), envelope_(envelope) {}

absl::StatusOr<DestinationPtr> DestinationDirectory::Find(std::string_view destination_id) {
  if (destination_id.empty()) return base::InvalidFieldError("destination", "is required");
  if (!IsDestinationId(destination_id)) return base::DestinationNotFoundError("by such an id");
  if (DestinationPtr known = FindKnown(destination_id)) return known;
  const std::string id(destination_id);
  absl::StatusOr<storage::Destination> stored = store_.Get(id);
  if (absl::IsNotFound(stored.status())) return base::DestinationNotFoundError(id);
  if (!stored.ok()) return stored.status();
  DestinationPtr active = Activate(*std::move(stored), nullptr, envelope_);
  absl::MutexLock lock(&mutex_);
  by_id_[id] = active;
  return active;
}

DestinationPtr DestinationDirectory::FindKnown(std::string_view destination_id) const {
  const std::string id(destination_id);
  absl::MutexLock lock(&mutex_);
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::vector<DestinationPtr> DestinationDirectory::List() const {
  std::vector<DestinationPtr> all;
  {
    absl::MutexLock lock(&mutex_);
    all.reserve(by_id_.size());
    for (const auto& [id, destination] : by_id_) all.push_back(destination);
  }
  std::sort(all.begin(), all.end(), [](const DestinationPtr& a, const DestinationPtr& b) {
    return a->stored.destination_id < b->stored.destination_id;
  });
  return all;
}

absl::Status DestinationDirectory::Refresh() {
  absl::MutexLock refreshing(&refresh_mutex_);
  SNAPLEDGER_ASSIGN_OR_RETURN(std::vector<storage::Destination> all, ListAll(store_));
  absl::flat_hash_map<std::string, DestinationPtr> before;
  {
    absl::MutexLock lock(&mutex_);
    before = by_id_;
  }
  absl::flat_hash_map<std::string, DestinationPtr> after;
  for (storage::Destination& stored : all) {
    const auto known = before.find(stored.destination_id);
    std::string id = stored.destination_id;
    after[std::move(id)] = Activate(
        std::move(stored), known == before.end() ? nullptr : known->second.get(), envelope_);
  }
  absl::MutexLock lock(&mutex_);
  by_id_ = std::move(after);
  return absl::OkStatus();
}

}  // namespace snapledger::destinations
