#pragma once

#include <string>

#include "absl/status/status.h"

namespace snapledger::app {

// What a process that serves tells those who started it.
struct ReadyNotice {
  std::string grpc_address;
  std::string http_address;  // empty: not served
  std::string database_url;  // without password
};

// Whether a file can be put there, by its folder. INVALID_ARGUMENT names what is in the way. Writes
// nothing.
absl::Status CheckReadyFile(const std::string& path);

// Writes {"grpc":…,"http":…,"database":…,"pid":N} in one step: a reader sees all of it or nothing.
absl::Status WriteReadyFile(const std::string& path, const ReadyNotice& notice);

}  // namespace snapledger::app
