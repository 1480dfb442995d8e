#pragma once

#include "storage/types.h"

namespace snapledger::storage {

// A random (version 4) UUID, from the system's cryptographic source: safe after a fork.
Uuid RandomUuid();

}  // namespace snapledger::storage
