#pragma once

namespace snapledger::base {

// Prints the failed condition with its place and aborts.
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);

}  // namespace snapledger::base

// A broken invariant of ours stops the process: what is durable stays right, and the ledger is
// picked up by the next start. Bad input is never a CHECK.
#define SNAPLEDGER_CHECK(condition)                                    \
  do {                                                                 \
    if (!(condition)) [[unlikely]] {                                   \
      ::snapledger::base::CheckFailed(#condition, __FILE__, __LINE__); \
    }                                                                  \
  } while (false)
