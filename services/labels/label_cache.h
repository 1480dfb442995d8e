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

// The labels of event names and sources, both ways; asks the store only for what it has not seen,
// and may then block: not for gRPC's own threads. Thread-safe.
class LabelCache {
 public:
  // `store` must outlive this.
  explicit LabelCache(storage::LabelStore& store) : store_(store) {}

  // The label's number where it has been seen; 0 for an empty text. Never blocks.
  std::optional<int32_t> KnownNumber(storage::LabelKind kind, std::string_view text) const;
  // The label's number; 0 for an empty text and, in reports shown as "(other)", where the store
  // takes no more labels.
  absl::StatusOr<int32_t> Number(storage::LabelKind kind, std::string_view text);
  // The label's number where there is one: for asking, which makes no label.
  absl::StatusOr<std::optional<int32_t>> Find(storage::LabelKind kind, std::string_view text);
  // The label's text; empty for 0.
  absl::StatusOr<std::string> Text(int32_t number);

 private:
  std::optional<std::string> KnownText(int32_t number) const;
  absl::Status LoadNew() ABSL_EXCLUSIVE_LOCKS_REQUIRED(store_mutex_);
  void Remember(const storage::Label& label) ABSL_EXCLUSIVE_LOCKS_REQUIRED(store_mutex_);

  storage::LabelStore& store_;
  absl::Mutex store_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);  // held while the store is asked
  absl::flat_hash_map<storage::LabelKind, absl::Time> full_until_ ABSL_GUARDED_BY(store_mutex_);
  int32_t last_number_ ABSL_GUARDED_BY(store_mutex_) = 0;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, int32_t> numbers_ ABSL_GUARDED_BY(mutex_);  // kind + text
  absl::flat_hash_map<int32_t, std::string> texts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace snapledger::labels
