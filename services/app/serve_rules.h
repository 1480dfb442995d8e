#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/app/config.h"

namespace snapledger::app {

// Whether `serve` may start with these settings: closed by default. INVALID_ARGUMENT says why not
// and what to do. Reads --snap-ca; changes nothing.
absl::Status CheckServeRules(const Config& config);

// Of settings that may serve. INVALID_ARGUMENT: not a duration of a second or more.
absl::StatusOr<absl::Duration> QualityInterval(const Config& config);

// Whether quality scores are fetched: not where another Snap than Snap itself is named for events
// and none for scores, since its tokens are not for Snap.
bool FetchesQuality(const Config& config);

// HOST:PORT whose host is a loopback address or localhost.
bool IsLoopback(std::string_view host_and_port);

}  // namespace snapledger::app
