#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace snapledger::emulator {

// What a browser pixel reports of one conversion.
struct PixelEvent {
  std::string asset;
  std::string event_name;
  std::string client_dedup_id;
  std::string transaction_id;
  absl::Time time;
};

// Reads one JSON object, an array of them, or one object a line. `time` in epoch seconds may be
// left out and is then `now`. An error tells which event and why.
absl::StatusOr<std::vector<PixelEvent>> ParsePixelEvents(absl::string_view text, absl::Time now);

}  // namespace snapledger::emulator
