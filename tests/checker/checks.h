#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/checker/books.h"
#include "tests/checker/evidence.h"
#include "tests/checker/report.h"

namespace snapledger::checker {

struct CheckOptions {
  bool has_load = false;          // the logs of all load there was are read
  bool quiet_phase_over = false;  // faults ended, and there was time to drain the backlog
  bool dedup_off = false;         // the emulator counts repeated arrivals again
  std::vector<std::string> logs;  // of the service, and what it showed of its metrics
  std::string planted_file;       // one value a line that may stand in none of them
};

// I1, I6: what is stored, and that slices cover it.
void CheckStorage(const Evidence& evidence, const Books& books, const CheckOptions& options,
                  Report* report);

// I2, I3, I13, attempt counts of I4: replays what befell each event.
void CheckHistories(const Evidence& evidence, const Books& books, Report* report);

// I5, I18: what waits.
void CheckBacklog(const Evidence& evidence, const CheckOptions& options, Report* report);

// I9 to I12, I14, I16: what arrived at Snap against what the ledger says.
void CheckDeliveries(const Evidence& evidence, const Books& books, const CheckOptions& options,
                     Report* report);

// I15. Fails where a file cannot be read.
absl::Status CheckSecrets(const Evidence& evidence, const Books& books, const CheckOptions& options,
                          Report* report);

// I17.
void CheckPace(const Evidence& evidence, const Books& books, Report* report);

}  // namespace snapledger::checker
