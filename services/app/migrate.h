#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace snapledger::app {

// Adds the command `migrate`; `*run` becomes its body when it is the one given.
void AddMigrate(CLI::App& program, std::function<int()>* run);

}  // namespace snapledger::app
