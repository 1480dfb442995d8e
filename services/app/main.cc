#include "services/app/program.h"
#include "services/base/mutex_checks.h"

int main(int argc, char** argv) {
  snapledger::base::SkipMutexChecksInRelease();
  return snapledger::app::RunProgram(argc, argv);
}
