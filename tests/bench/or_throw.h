#pragma once

#include <stdexcept>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace snapledger::bench {

// For programs that end with the first thing that fails.
inline void Check(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

template <typename Value>
Value Take(absl::StatusOr<Value> value) {
  Check(value.status());
  return *std::move(value);
}

}  // namespace snapledger::bench
