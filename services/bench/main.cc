#include "services/base/mutex_checks.h"
#include "services/bench/program.h"

int main(int argc, char** argv) {
  snapledger::base::SkipMutexChecksInRelease();
  return snapledger::bench::RunProgram(argc, argv);
}
