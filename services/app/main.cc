#include "services/app/program.h"
#include "services/base/mutex_checks.h"

// Read by jemalloc before main; MALLOC_CONF in the environment goes before it. What is freed goes
// back to the system after a second, by a thread of its own: docs/decisions/0040.
extern "C" {
const char* malloc_conf =
    "percpu_arena:percpu,background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0";
}

int main(int argc, char** argv) {
  snapledger::base::SkipMutexChecksInRelease();
  return snapledger::app::RunProgram(argc, argv);
}
