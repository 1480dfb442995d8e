#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/emulator/options.h"

namespace snapledger::emulator {

// One report of a conversion, by a server or by a browser pixel.
struct Arrival {
  bool pixel = false;
  absl::string_view asset;
  absl::string_view event_name;
  absl::string_view event_id;  // the pixel's client_dedup_id; empty: none
  absl::string_view order_id;  // the pixel's transaction_id; empty: none
  absl::Time time;
  uint32_t signals = 0;  // identity signals carried
};

// Counts each conversion once, the way Snap describes it: reports with the same asset, event name
// and event id within 48 h are one, and so are reports of a PURCHASE with the same asset and order
// id within 30 days. Windows run from the first report. Thread-safe.
class Conversions {
 public:
  // `rules` must outlive this.
  explicit Conversions(const Rules& rules) : rules_(rules) {}

  // True if the report made a new conversion, false if it joined one.
  bool Add(const Arrival& arrival);

  // What was counted, by asset and event name, as JSON; with every conversion if `detail`.
  std::string Report(bool detail) const;

 private:
  struct Conversion {
    std::string event_id;
    std::string order_id;
    absl::Time first_time;
    uint32_t signals = 0;
    uint32_t arrivals_server = 0;
    uint32_t arrivals_pixel = 0;
    bool kept_pixel = false;
  };
  // The conversions of one asset and event name.
  struct Group {
    std::deque<Conversion> conversions;
    absl::flat_hash_map<std::string, Conversion*> by_event_id;
    absl::flat_hash_map<std::string, Conversion*> by_order_id;
  };
  using GroupKey = std::pair<std::string, std::string>;

  Conversion* Find(Group& group, const Arrival& arrival) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Join(Group& group, Conversion& conversion, const Arrival& arrival) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Rules& rules_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<GroupKey, Group> groups_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace snapledger::emulator
