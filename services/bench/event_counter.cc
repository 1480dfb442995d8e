#include "services/bench/event_counter.h"

#include <string.h>

#include <algorithm>

namespace snapledger::bench {
namespace {

// Quotes inside values are escaped, so that no value can hold it.
constexpr std::string_view kMark = "\"event_time\":";

int64_t CountMarks(std::string_view text) {
  int64_t count = 0;
  while (const void* const found = memmem(text.data(), text.size(), kMark.data(), kMark.size())) {
    ++count;
    text.remove_prefix(static_cast<size_t>(static_cast<const char*>(found) - text.data()) +
                       kMark.size());
  }
  return count;
}

}  // namespace

void EventCounter::Add(std::string_view part) {
  // A mark across the border: in the tail and as much of this part as could end one.
  const std::string border = tail_ + std::string(part.substr(0, kMark.size() - 1));
  count_ += CountMarks(border) + CountMarks(part);
  const std::string_view end = part.size() >= kMark.size() - 1
                                   ? part.substr(part.size() - (kMark.size() - 1))
                                   : std::string_view(border);
  tail_ = end.substr(end.size() - std::min(end.size(), kMark.size() - 1));
}

}  // namespace snapledger::bench
