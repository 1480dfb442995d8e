#pragma once

#include "absl/status/status.h"

namespace snapledger::app {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;      // the operation failed
inline constexpr int kUsageError = 2;  // usage or configuration

// Says on standard error why the program ends, and returns `exit_code`.
int Complain(const absl::Status& status, int exit_code);

}  // namespace snapledger::app
