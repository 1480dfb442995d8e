#pragma once

#include "services/base/clock.h"
#include "services/base/metrics.h"
#include "services/query/query.h"

namespace snapledger::app {

// Reads how deliveries stand and shows it in the metrics. Blocks on the database; where that fails
// the metrics keep what they showed.
void ShowBacklog(query::Query& query, const base::Clock& clock, base::Metrics& metrics);

}  // namespace snapledger::app
