#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "services/app/config.h"

namespace snapledger::app {

// Whether `serve` may start with these settings: closed by default. INVALID_ARGUMENT says why not
// and what to do. Pure.
absl::Status CheckServeRules(const Config& config);

// HOST:PORT whose host is a loopback address or localhost.
bool IsLoopback(std::string_view host_and_port);

}  // namespace snapledger::app
