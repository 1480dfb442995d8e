#pragma once

#include "services/app/seams.h"

namespace snapledger::app {

// The program `snapledger`: reads the command line, runs the command and returns its exit code.
int RunProgram(int argc, char** argv, const Seams& seams = {});

}  // namespace snapledger::app
