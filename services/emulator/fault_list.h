#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "services/emulator/fault.h"

namespace snapledger::emulator {

using FaultPtr = std::shared_ptr<const Fault>;

// The faults in force, in order; the first that matches strikes. Thread-safe.
class FaultList {
 public:
  explicit FaultList(uint64_t seed) : random_(seed) {}

  // Replaces the list and forgets all counts.
  void Replace(std::vector<Fault> faults);

  // The fault that strikes a new connection, a request, or null. Taking one uses up its count.
  FaultPtr TakeForConnection();
  FaultPtr TakeForRequest(const Route& route);

  // The first reject_events fault that strikes a request with these event ids, or null.
  FaultPtr TakeForEvents(const Route& route, const std::vector<absl::string_view>& event_ids);

  // {"faults":[{"name":…,"kind":…,"matched":N,"struck":N,"left":N or null},…]}
  std::string Report() const;

 private:
  struct Entry {
    FaultPtr fault;
    uint64_t matched = 0;
    uint64_t struck = 0;
  };

  // Counts the match and decides whether the fault strikes.
  bool Strikes(Entry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  template <typename Matches>
  FaultPtr Take(FaultScope scope, const Matches& matches);

  mutable absl::Mutex mutex_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> empty_ = true;  // spares the lock on the usual path
};

}  // namespace snapledger::emulator
