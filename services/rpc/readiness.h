#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/clock.h"

namespace snapledger::rpc {

// Whether this process can take work: it can while the ledger can be read and written. That Snap
// cannot be reached does not count, for intake goes on. Thread-safe.
class Readiness {
 public:
  // How long the ledger may fail before the process calls itself not ready.
  static constexpr absl::Duration kPatience = absl::Seconds(5);
  // Failed writes count for so long: without calls there is no newer news.
  static constexpr absl::Duration kWriteMemory = absl::Seconds(10);

  explicit Readiness(const base::Clock& clock)
      : clock_(clock), last_good_probe_(clock.Monotonic()) {}

  // A call that writes ended so. OK, UNAVAILABLE and INTERNAL tell of the ledger; others do not.
  void NoteWrite(const absl::Status& status);
  // The regular read, which comes every second, ended so. One that hangs counts as failing. The
  // first that succeeds again forgives the writes that failed meanwhile: the ledger was away.
  void NoteProbe(const absl::Status& status);

  bool Ready() const;

 private:
  const base::Clock& clock_;
  mutable absl::Mutex mutex_;
  absl::Duration last_good_probe_ ABSL_GUARDED_BY(mutex_);
  bool probe_failed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration failing_since_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteDuration();  // of writes
  absl::Duration last_failure_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
};

}  // namespace snapledger::rpc
