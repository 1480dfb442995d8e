#pragma once

namespace snapledger::bench {

// From here on SIGINT and SIGTERM end a run in order: what it started is stopped and removed.
void CatchInterruption();
bool Interrupted();

}  // namespace snapledger::bench
