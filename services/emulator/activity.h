#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/emulator/event_check.h"

namespace snapledger::emulator {

// What the read endpoints tell about each asset: validation logs, hourly counters with test and
// live events apart, and the quality of what arrived. Thread-safe.
class Activity {
 public:
  // Notes one event of an asset. Test events, and events with findings, go into the logs; valid
  // live ones into the quality scores and the counter of live events.
  void Note(absl::string_view asset, const CheckedEvent& event, bool test, absl::Time now);
  // Notes an event that a pixel reported; it carries no server-side signals.
  void NotePixel(absl::string_view asset, absl::string_view event_name);

  // The bodies of Snap's answers.
  std::string LogsJson(absl::string_view asset, absl::Time now) const;
  std::string StatsJson(absl::string_view asset, absl::Time now) const;
  std::string QualityJson(absl::string_view asset, bool app) const;

 private:
  // Counts per minute over the last hour.
  struct HourCounter {
    std::array<uint32_t, 60> counts{};
    std::array<int64_t, 60> minutes{};
    int64_t latest_seconds = 0;

    void Add(absl::Time now);
    uint64_t PastHour(absl::Time now) const;
  };
  struct LogEntry {
    absl::Time time;
    std::string json;
  };
  struct Quality {
    uint64_t events = 0;
    uint64_t with_contact = 0;  // an email or a phone
    uint64_t with_click = 0;    // a click id or a cookie
  };
  struct Asset {
    std::deque<LogEntry> logs;
    HourCounter test;
    HourCounter live;
    // By event name, action source and reporting side.
    absl::btree_map<std::array<std::string, 3>, Quality> quality;
  };

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Asset> assets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace snapledger::emulator
