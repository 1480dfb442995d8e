#include "services/bench/call_load.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/bench/interruption.h"

namespace snapledger::bench {
namespace {

constexpr absl::Duration kProgressInterval = absl::Milliseconds(100);

absl::Duration Now() { return base::Clock::Real().Monotonic(); }

class Load {
 public:
  Load(const LoadShape& shape, const BeginCall& begin_call)
      : shape_(shape),
        begin_call_(begin_call),
        milliseconds_(static_cast<size_t>(shape.concurrency)),
        active_(shape.concurrency) {}

  absl::StatusOr<LoadResult> Run() {
    const absl::Duration begin = Now();
    if (shape_.calls_per_second > 0) {
      BeginAtTheirTimes(begin);
    } else {
      for (int slot = 0; slot < shape_.concurrency; ++slot) Next(slot);
    }
    while (!AwaitEnd()) {
      if (shape_.progress) shape_.progress(done_);
      if (Interrupted()) Fail(absl::AbortedError("interrupted"));
    }
    LoadResult result;
    result.seconds = absl::ToDoubleSeconds(Now() - begin);
    for (const std::vector<double>& of_slot : milliseconds_) {
      result.milliseconds.insert(result.milliseconds.end(), of_slot.begin(), of_slot.end());
    }
    absl::MutexLock lock(&mutex_);
    if (!failure_.ok()) return failure_;
    return result;
  }

 private:
  void Next(int slot) {
    const int64_t number = next_++;
    if (number >= shape_.calls || failed_) {
      absl::MutexLock lock(&mutex_);
      --active_;
      return;
    }
    Begin(slot, number, Now(), [this, slot] { Next(slot); });
  }

  // `begin`: when it should have begun.
  void Begin(int slot, int64_t number, absl::Duration begin, std::function<void()> then) {
    begin_call_(slot, number, [this, slot, begin, then = std::move(then)](const auto& status) {
      if (!status.ok()) Fail(status);
      milliseconds_[static_cast<size_t>(slot)].push_back(absl::ToDoubleMilliseconds(Now() - begin));
      ++done_;
      then();
    });
  }

  void BeginAtTheirTimes(absl::Duration load_begin) {
    for (int slot = 0; slot < shape_.concurrency; ++slot) Free(slot);
    for (int64_t number = 0; number < shape_.calls && !failed_; ++number) {
      const absl::Duration begin =
          load_begin + absl::Seconds(static_cast<double>(number) / shape_.calls_per_second);
      while (Now() < begin && !failed_) {
        AwaitFailure(std::min(begin - Now(), kProgressInterval));
        Look();
      }
      Look();
      const int slot = TakeFree();
      Begin(slot, number, begin, [this, slot] { Free(slot); });
    }
    for (int slot = 0; slot < shape_.concurrency; ++slot) TakeFree();
    absl::MutexLock lock(&mutex_);
    active_ = 0;
  }

  void Free(int slot) {
    absl::MutexLock lock(&mutex_);
    free_.push_back(slot);
  }

  int TakeFree() {
    const auto some_free = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return !free_.empty(); };
    while (true) {
      {
        absl::MutexLock lock(&mutex_);
        if (mutex_.AwaitWithTimeout(absl::Condition(&some_free), kProgressInterval)) {
          const int slot = free_.front();
          free_.pop_front();
          return slot;
        }
      }
      Look();
    }
  }

  void AwaitFailure(absl::Duration patience) {
    const auto failed = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return !failure_.ok(); };
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&failed), patience);
  }

  // Tells of progress, on the thread of RunLoad.
  void Look() {
    if (Now() - last_look_ < kProgressInterval) return;
    last_look_ = Now();
    if (shape_.progress) shape_.progress(done_);
    if (Interrupted()) Fail(absl::AbortedError("interrupted"));
  }

  void Fail(const absl::Status& status) {
    failed_ = true;
    absl::MutexLock lock(&mutex_);
    failure_.Update(status);
  }

  bool AwaitEnd() {
    const auto ended = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return active_ == 0; };
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&ended), kProgressInterval);
  }

  const LoadShape& shape_;
  const BeginCall& begin_call_;
  std::vector<std::vector<double>> milliseconds_;  // each slot writes its own
  std::atomic<int64_t> next_ = 0;
  std::atomic<int64_t> done_ = 0;
  std::atomic<bool> failed_ = false;
  absl::Mutex mutex_;
  int active_ ABSL_GUARDED_BY(mutex_);
  std::deque<int> free_ ABSL_GUARDED_BY(mutex_);          // slots without a call
  absl::Duration last_look_ = -absl::InfiniteDuration();  // on the thread of RunLoad
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<LoadResult> RunLoad(const LoadShape& shape, const BeginCall& begin_call) {
  return Load(shape, begin_call).Run();
}

}  // namespace snapledger::bench
