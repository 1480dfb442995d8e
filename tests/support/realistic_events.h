#pragma once

#include "services/bench/realistic_events.h"

namespace snapledger::support {

using bench::RealisticEvents;

}  // namespace snapledger::support
