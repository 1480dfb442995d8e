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

std::optional<int32_t> LabelCache::KnownNumber(storage::LabelKind kind,
                                               std::string_view text) const {
  if (text.empty()) return 0;
  const std::string key = CacheKey(kind, text);
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = numbers_.find(key);
  if (found == numbers_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> LabelCache::KnownText(int32_t number) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = texts_.find(number);
  if (found == texts_.end()) return std::nullopt;
  return found->second;
}

void LabelCache::Remember(const storage::Label& label) {
  absl::MutexLock lock(&mutex_);
  numbers_[CacheKey(label.kind, label.text)] = label.number;
  texts_[label.number] = label.text;
}

absl::Status LabelCache::LoadNew() {
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::vector<storage::Label> labels,
                              store_.ListAfter(last_number_));
  for (const storage::Label& label : labels) {
    Remember(label);
    last_number_ = std::max(last_number_, label.number);
  }
  return absl::OkStatus();
}

absl::StatusOr<int32_t> LabelCache::Number(storage::LabelKind kind, std::string_view text) {
  if (const std::optional<int32_t> known = KnownNumber(kind, text)) return *known;
  absl::MutexLock asking(&store_mutex_);
  if (const std::optional<int32_t> known = KnownNumber(kind, text)) return *known;
  // A full store is not asked about every new text: a caller may send one with every event.
  if (absl::Now() < full_until_[kind]) return 0;
  const absl::StatusOr<int32_t> number = store_.FindOrInsert(kind, text);
  if (absl::IsResourceExhausted(number.status())) {
    full_until_[kind] = absl::Now() + kFullMemory;
    return 0;
  }
  if (number.ok()) Remember({.number = *number, .kind = kind, .text = std::string(text)});
  return number;
}

absl::StatusOr<std::optional<int32_t>> LabelCache::Find(storage::LabelKind kind,
                                                        std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (const std::optional<int32_t> known = KnownNumber(kind, text)) return known;
  absl::MutexLock asking(&store_mutex_);
  SNAPLEDGER_RETURN_IF_ERROR(LoadNew());
  return KnownNumber(kind, text);
}

absl::StatusOr<std::string> LabelCache::Text(int32_t number) {
  if (number == 0) return "";
  if (const std::optional<std::string> known = KnownText(number)) return *known;
  absl::MutexLock asking(&store_mutex_);
  SNAPLEDGER_RETURN_IF_ERROR(LoadNew());
  return KnownText(number).value_or("(unknown)");
}

}  // namespace snapledger::labels
