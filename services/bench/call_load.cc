#include "services/bench/call_load.h"

#include <atomic>
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
    for (int slot = 0; slot < shape_.concurrency; ++slot) Next(slot);
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
    const absl::Duration begin = Now();
    begin_call_(slot, number, [this, slot, begin](const absl::Status& status) {
      if (!status.ok()) Fail(status);
      milliseconds_[static_cast<size_t>(slot)].push_back(absl::ToDoubleMilliseconds(Now() - begin));
      ++done_;
      Next(slot);
    });
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
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<LoadResult> RunLoad(const LoadShape& shape, const BeginCall& begin_call) {
  return Load(shape, begin_call).Run();
}

}  // namespace snapledger::bench
