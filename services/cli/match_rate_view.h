#pragma once

#include <string>
#include <vector>

#include "services/cli/terminal.h"
#include "snapledger/v1/match_rate.pb.h"

namespace snapledger::cli {

// Match rates for people: for each row what was observed and what is estimated, its identifiers
// with a bar of the usable share, the most frequent sets of identifiers and Snap's scores. Pure.
std::string RenderMatchRates(const v1::GetMatchRatesResponse& rates,
                             const std::vector<v1::Grouping>& group_by, const Display& display);

}  // namespace snapledger::cli
