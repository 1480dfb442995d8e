#pragma once

#include <string>
#include <vector>

namespace snapledger::cli {

// What a command printed and ended with.
struct Ran {
  int exit_code = 0;
  std::string output, error;
};

// Runs a command, given without the program's name, as far as it gets without a service: calls are
// refused. A usage error found by the parser is exit code 2 with its message as `error`.
Ran RunCommand(const std::vector<std::string>& arguments);

}  // namespace snapledger::cli
