#pragma once

#include <functional>
#include <memory>
#include <string>

#include "services/base/clock.h"
#include "services/snap/client.h"
#include "storage/ledger.h"

namespace snapledger::app {

// Where a test program puts parts of its own around those of the process; the product sets none.
// What a function gives is used in place of what it is given, which outlives it.
struct Seams {
  std::function<std::unique_ptr<storage::Ledger>(storage::Ledger& ledger,
                                                 const std::string& database_url)>
      ledger;
  std::function<std::unique_ptr<snap::SnapClient>(snap::SnapClient& snap)> snap;
  const base::Clock* clock = &base::Clock::Real();  // must outlive the process's parts
};

}  // namespace snapledger::app
