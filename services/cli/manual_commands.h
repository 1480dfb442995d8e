#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace snapledger::cli {

// Adds `help` and `completion`, which describe `program` as its commands declare it. Their bodies
// read it when they run, so it does not matter which commands are added before.
void AddManualCommands(CLI::App& program, std::function<int()>* run);

}  // namespace snapledger::cli
