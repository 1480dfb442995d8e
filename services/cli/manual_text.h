#pragma once

#include <string>

#include "services/cli/manual.h"

namespace snapledger::cli {

// The whole command line as one Markdown page: docs/cli-reference.md. Pure.
std::string MarkdownOf(const CommandManual& program);

// The same as a man page, in the macros of man(7): `snapledger help --man | man -l -`. Pure.
std::string TroffOf(const CommandManual& program);

}  // namespace snapledger::cli
