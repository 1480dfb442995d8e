#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace snapledger::snap {

// What Snap counted of an asset's live events.
struct LiveStats {
  int64_t events_past_hour = 0;
  std::optional<absl::Time> latest_event_time;  // not set: none, or no time that can be read
};

// Reads an answer of /events/validate/stats. Snap publishes its members' names: {status, reason,
// stats: {test, live: {latest_event_ts, event_count_past_hour}}}. Not published, and so read either
// way: whether numbers are strings, and whether the time is in seconds or milliseconds. Anything
// else, a status that says failure, a negative or a broken count included, is nullopt: never a
// number that was guessed. Pure.
std::optional<LiveStats> DecodeLiveStats(std::string_view body);

}  // namespace snapledger::snap
