#include "tests/simulation/simulation.h"

#include "tests/simulation/world.h"

namespace snapledger::simulation {

Result Simulate(uint64_t seed, PlantedBug bug) {
  World world(seed, bug);
  world.Run();
  return {.ok = world.violations().empty(),
          .broken = world.violations().names(),
          .text = world.violations().text(),
          .events = world.event_count(),
          .requests = world.requests(),
          .crashes = world.crashes(),
          .virtual_time = world.virtual_time()};
}

}  // namespace snapledger::simulation
