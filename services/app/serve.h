#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace snapledger::app {

// Adds the command `serve`; `*run` becomes its body when it is the one given.
void AddServe(CLI::App& program, std::function<int()>* run);

}  // namespace snapledger::app
