#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "snapledger/v1/conversion_event.pb.h"

namespace snapledger::cli {

// "90s", "15m", "48h", "7d" and sums such as "1d12h". INVALID_ARGUMENT.
absl::StatusOr<absl::Duration> ParseDuration(const std::string& text);

// A time of RFC 3339, or a duration before `now`. INVALID_ARGUMENT.
absl::StatusOr<absl::Time> ParseTime(const std::string& text, absl::Time now);

// --since and --until, of when events were received.
void AddReceivedFlags(CLI::App& command, std::string* since, std::string* until);

// The range of --since and --until; an empty text leaves its side open.
absl::Status ReadTimeRange(const std::string& since, const std::string& until, absl::Time now,
                           v1::TimeRange* range);

}  // namespace snapledger::cli
