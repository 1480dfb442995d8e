#pragma once

namespace snapledger::bench {

// The program `snapledger-bench`: 0 done, 1 the measurement failed, 2 usage, configuration or a
// database that is not durable.
int RunProgram(int argc, char** argv);

}  // namespace snapledger::bench
