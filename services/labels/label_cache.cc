#include "services/labels/label_cache.h"

#include "absl/time/clock.h"
#include "services/base/status_macros.h"

namespace snapledger::labels {
namespace {

constexpr absl::Duration kFullMemory = absl::Minutes(1);

std::string CacheKey(storage::LabelKind kind, std::string_view text) {
  return std::to_string(static_cast<int>(kind)).append(":").append(text);
}

}  // namespace

void LabelCache::Remember(const storage::Label& label) {
  numbers_[CacheKey(label.kind, label.text)] = label.number;
  texts_[label.number] = label.text;
  last_number_ = std::max(last_number_, label.number);
}

absl::Status LabelCache::LoadNew() {
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::vector<storage::Label> labels,
                              store_.ListAfter(last_number_));
  for (const storage::Label& label : labels) Remember(label);
  return absl::OkStatus();
}

absl::StatusOr<int32_t> LabelCache::Number(storage::LabelKind kind, std::string_view text) {
  if (text.empty()) return 0;
  absl::MutexLock lock(&mutex_);
  if (const auto found = numbers_.find(CacheKey(kind, text)); found != numbers_.end()) {
    return found->second;
  }
  // A full store is not asked about every new text: a caller may send one with every event.
  if (absl::Now() < full_until_[kind]) return 0;
  absl::StatusOr<int32_t> number = store_.FindOrInsert(kind, text);
  if (absl::IsResourceExhausted(number.status())) {
    full_until_[kind] = absl::Now() + kFullMemory;
    return 0;
  }
  if (number.ok()) {
    numbers_[CacheKey(kind, text)] = *number;
    texts_[*number] = std::string(text);
  }
  return number;
}

absl::StatusOr<std::optional<int32_t>> LabelCache::Find(storage::LabelKind kind,
                                                        std::string_view text) {
  const std::string key = CacheKey(kind, text);
  absl::MutexLock lock(&mutex_);
  if (!numbers_.contains(key)) SNAPLEDGER_RETURN_IF_ERROR(LoadNew());
  const auto found = numbers_.find(key);
  return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

absl::StatusOr<std::string> LabelCache::Text(int32_t number) {
  if (number == 0) return "";
  absl::MutexLock lock(&mutex_);
  if (const auto found = texts_.find(number); found != texts_.end()) return found->second;
  SNAPLEDGER_RETURN_IF_ERROR(LoadNew());
  const auto found = texts_.find(number);
  return found == texts_.end() ? "(unknown)" : found->second;
}

}  // namespace snapledger::labels
