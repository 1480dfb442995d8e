#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace snapledger::bench {

// Counts the events of a request to Snap as its body passes by in parts: the objects of `data`,
// told by a member that every event has once. Cheap: nothing is parsed.
class EventCounter {
 public:
  void Add(std::string_view part);
  int64_t count() const { return count_; }

 private:
  std::string tail_;  // the end of the last part, which may hold the start of a mark
  int64_t count_ = 0;
};

}  // namespace snapledger::bench
