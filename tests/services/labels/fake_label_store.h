#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "storage/label_store.h"

namespace snapledger::labels {

// Labels in memory. Thread-safe; what `before_insert` does may block.
class FakeLabelStore final : public storage::LabelStore {
 public:
  absl::StatusOr<int32_t> FindOrInsert(storage::LabelKind kind, std::string_view text) override {
    if (before_insert) before_insert(text);
    absl::MutexLock lock(&mutex_);
    ++question_count_;
    if (full_) return absl::ResourceExhaustedError("full");
    for (const storage::Label& label : labels_) {
      if (label.kind == kind && label.text == text) return label.number;
    }
    const auto number = kFirstNumber + static_cast<int32_t>(labels_.size());
    labels_.push_back({.number = number, .kind = kind, .text = std::string(text)});
    return number;
  }

  absl::StatusOr<std::vector<storage::Label>> ListAfter(int32_t after_number) override {
    absl::MutexLock lock(&mutex_);
    ++question_count_;
    std::vector<storage::Label> after;
    for (const storage::Label& label : labels_) {
      if (label.number > after_number) after.push_back(label);
    }
    return after;
  }

  void Fill() {
    absl::MutexLock lock(&mutex_);
    full_ = true;
  }

  int question_count() const {
    absl::MutexLock lock(&mutex_);
    return question_count_;
  }

  std::function<void(std::string_view text)> before_insert;

 private:
  static constexpr int32_t kFirstNumber = 1000;

  mutable absl::Mutex mutex_;
  std::vector<storage::Label> labels_ ABSL_GUARDED_BY(mutex_);
  bool full_ ABSL_GUARDED_BY(mutex_) = false;
  int question_count_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace snapledger::labels
