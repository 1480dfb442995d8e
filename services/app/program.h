#pragma once

namespace snapledger::app {

// The program `snapledger`: reads the command line, runs the command and returns its exit code.
int RunProgram(int argc, char** argv);

}  // namespace snapledger::app
