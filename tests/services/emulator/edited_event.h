#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace snapledger::emulator {

// A path into an event, such as /user_data/em, and the JSON to put there; an empty one removes it.
using Edit = std::pair<std::string, std::string>;

// The time the sample events are made for.
absl::Time SampleTime();

// Valid events of each action source, as JSON, with the edits applied. Their time is `now`.
std::string WebEvent(const std::vector<Edit>& edits = {}, absl::Time now = SampleTime());
std::string AppEvent(const std::vector<Edit>& edits = {}, absl::Time now = SampleTime());
std::string OfflineEvent(const std::vector<Edit>& edits = {}, absl::Time now = SampleTime());

// {"data":[…]}
std::string Batch(const std::vector<std::string>& events);

}  // namespace snapledger::emulator
