#pragma once

#include <string>

#include "services/cli/manual.h"

namespace snapledger::cli {

enum class Shell { kBash, kZsh, kFish };

// A script for the shell that completes commands, flags, the words a flag takes, and paths where a
// flag takes FILE or DIR. It calls nothing: all it knows is written into it. Pure.
std::string CompletionScript(const CommandManual& program, Shell shell);

}  // namespace snapledger::cli
