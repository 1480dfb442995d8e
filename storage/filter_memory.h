#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace snapledger::storage {

// The memory filters of identity partitions lie in. It is taken from the system in steps, the first
// when this is made, and a step is in memory at once: what the process takes grows not with every
// partition that closes, but once for some 23 million events. Huge pages where the system has
// them, since each probe of a filter touches another place. Thread-safe.
class FilterMemory : public std::enable_shared_from_this<FilterMemory> {
 public:
  static constexpr size_t kStepBytes = size_t{64} << 20;

  // Takes no more than `bytes_max` from the system in all.
  static std::shared_ptr<FilterMemory> Make(size_t bytes_max);
  ~FilterMemory();
  FilterMemory(const FilterMemory&) = delete;
  FilterMemory& operator=(const FilterMemory&) = delete;

  size_t bytes_max() const { return bytes_max_; }

  // Room for `bytes`, aligned to a cache line, which is given back with the last copy of the
  // result; nullptr where there is none.
  std::shared_ptr<std::byte> Take(size_t bytes);

 private:
  explicit FilterMemory(size_t bytes_max);

  struct Step {
    void* begin = nullptr;
    size_t bytes = 0;
  };

  std::byte* TakeRange(size_t bytes);
  // False where the system has none, or `bytes_max` does not allow it.
  bool AddStep(size_t bytes_needed) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GiveBack(std::byte* begin, size_t bytes);
  void AddFree(std::byte* begin, size_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t bytes_max_;
  absl::Mutex mutex_;
  std::vector<Step> steps_ ABSL_GUARDED_BY(mutex_);
  size_t step_bytes_ ABSL_GUARDED_BY(mutex_) = 0;              // of all steps
  std::map<std::byte*, size_t> free_ ABSL_GUARDED_BY(mutex_);  // ranges that do not touch
};

}  // namespace snapledger::storage
