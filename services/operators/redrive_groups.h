#pragma once

#include <cstdint>
#include <functional>

#include "absl/time/time.h"
#include "storage/types.h"

namespace snapledger::operators {

// Puts what is to be sent again into isolation groups, each a request of its own, and spreads them
// over time. Not thread-safe.
class RedriveGroups {
 public:
  struct Options {
    int events_per_request = 2000;
    int64_t json_bytes_per_request = 4 << 20;
    // 0: all are due at once. Otherwise a group holds no more events than a second's worth, so that
    // they go out evenly, and is due once those before it have had their time.
    double events_per_second = 0;
    std::function<storage::Uuid()> make_group;
  };
  struct Place {
    storage::Uuid group{};
    absl::Duration due_in;  // from the beginning of the act
  };

  explicit RedriveGroups(Options options);

  // The most events of a group.
  int events_max() const { return events_max_; }
  // The place of the next events. `doubted`: they were in doubt; a group holds only such or none.
  // More than a group holds get one of their own.
  Place Put(bool doubted, int event_count, int64_t json_bytes);
  // The next events begin another group.
  void Close() { open_ = false; }

 private:
  const Options options_;
  const int events_max_;
  bool open_ = false;
  bool doubted_ = false;
  Place place_;
  int events_in_group_ = 0;
  int64_t json_bytes_in_group_ = 0;
  int64_t events_placed_ = 0;
};

}  // namespace snapledger::operators
