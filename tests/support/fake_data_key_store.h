#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/data_key_store.h"

namespace snapledger::support {

// Data keys in memory. Thread-safe.
class FakeDataKeyStore final : public storage::DataKeyStore {
 public:
  absl::StatusOr<storage::WrappedDataKey> FindOrInsert(std::string_view day,
                                                       std::string_view wrapped_if_new) override {
    absl::MutexLock lock(&mutex_);
    ++call_count_;
    if (!failure_.ok()) return failure_;
    const auto [number, is_new] =
        numbers_.try_emplace(std::string(day), static_cast<int32_t>(numbers_.size()) + 1);
    if (is_new) wrapped_[number->second] = std::string(wrapped_if_new);
    return storage::WrappedDataKey{number->second, wrapped_[number->second], life_};
  }

  absl::StatusOr<storage::WrappedDataKey> Get(int32_t number) override {
    absl::MutexLock lock(&mutex_);
    ++call_count_;
    if (!failure_.ok()) return failure_;
    const auto found = wrapped_.find(number);
    if (found == wrapped_.end()) return absl::NotFoundError("no such data key");
    return storage::WrappedDataKey{number, found->second, life_};
  }

  void Destroy(int32_t number) {
    absl::MutexLock lock(&mutex_);
    wrapped_.erase(number);
  }

  void Replace(int32_t number, std::string wrapped) {
    absl::MutexLock lock(&mutex_);
    wrapped_[number] = std::move(wrapped);
  }

  // Another server takes over, which has none of the keys.
  void EnterLife(storage::ServerLife life) {
    absl::MutexLock lock(&mutex_);
    life_ = std::move(life);
    numbers_.clear();
    wrapped_.clear();
  }

  // Every call from now on fails so; OK ends it.
  void FailWith(absl::Status failure) {
    absl::MutexLock lock(&mutex_);
    failure_ = std::move(failure);
  }

  int call_count() const {
    absl::MutexLock lock(&mutex_);
    return call_count_;
  }

  std::map<std::string, int32_t> days() const {
    absl::MutexLock lock(&mutex_);
    return numbers_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, int32_t> numbers_ ABSL_GUARDED_BY(mutex_);
  std::map<int32_t, std::string> wrapped_ ABSL_GUARDED_BY(mutex_);
  storage::ServerLife life_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  int call_count_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace snapledger::support
