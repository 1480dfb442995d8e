#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "services/app/seams.h"

namespace snapledger::app {

// Adds the command `serve`; `*run` becomes its body when it is the one given. `seams` must outlive
// it.
void AddServe(CLI::App& program, const Seams& seams, std::function<int()>* run);

}  // namespace snapledger::app
