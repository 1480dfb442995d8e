#pragma once

#include <string>

#include "tests/e2e/deployment.h"
#include "tests/e2e/steady_load.h"

namespace snapledger::e2e {

// Whether the environment's SNAPLEDGER_FULL_SIZE asks for the sizes that docs/recovery.md tells
// figures of, which take minutes; else the tests of the bars are as short as they can be.
bool FullSize();

// Whether grpc.health.v1 says that the service accepts work.
bool IsServing(const std::string& address);

// Records one event on a connection of its own and says whether it was accepted. The call is not
// repeated and does not wait for a connection.
bool RecordsOne(const std::string& address, const std::string& destination,
                const v1::ConversionEvent& event);

// What was acknowledged and the emulator did not count exactly once.
int64_t NotCountedOnce(const Journal& journal, const std::set<std::string>& acknowledged);

}  // namespace snapledger::e2e
