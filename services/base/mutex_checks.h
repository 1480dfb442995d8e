#pragma once

namespace snapledger::base {

// Debian's abseil looks for cycles of locks at every lock, gRPC's own included. To be called first
// in main: a release build goes without, a debug build keeps it.
void SkipMutexChecksInRelease();

}  // namespace snapledger::base
