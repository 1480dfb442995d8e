#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace snapledger::bench {

// What one durable write costs on the disk of `folder`: the median time in milliseconds of writing
// 8 KiB in place and fdatasync, in a file made for it and removed.
absl::StatusOr<double> FlushMilliseconds(const std::string& folder);

}  // namespace snapledger::bench
