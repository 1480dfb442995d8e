#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "storage/label_store.h"

namespace snapledger::labels {

// The labels of event names and sources, both ways; asks the store only for what it has not seen.
// Thread-safe.
class LabelCache {
 public:
  // `store` must outlive this.
  explicit LabelCache(storage::LabelStore& store) : store_(store) {}

  // The label's number; 0 for an empty text and, in reports shown as "(other)", where the store
  // takes no more labels.
  absl::StatusOr<int32_t> Number(storage::LabelKind kind, std::string_view text);
  // The label's number where the text has one; never makes one.
  absl::StatusOr<std::optional<int32_t>> Find(storage::LabelKind kind, std::string_view text);
  // The label's text; empty for 0.
  absl::StatusOr<std::string> Text(int32_t number);

 private:
  absl::Status LoadNew() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Remember(const storage::Label& label) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  storage::LabelStore& store_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, int32_t> numbers_ ABSL_GUARDED_BY(mutex_);  // kind + text
  absl::flat_hash_map<int32_t, std::string> texts_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<storage::LabelKind, absl::Time> full_until_ ABSL_GUARDED_BY(mutex_);
  int32_t last_number_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace snapledger::labels
