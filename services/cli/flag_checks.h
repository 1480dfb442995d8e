#pragma once

#include <CLI/CLI.hpp>

namespace snapledger::cli {

// Of --limit.
CLI::Validator IsLimit();

// Of a flag that narrows: an empty value, such as that of a variable that is not set, would select
// everything.
CLI::Validator IsNotEmpty();

}  // namespace snapledger::cli
