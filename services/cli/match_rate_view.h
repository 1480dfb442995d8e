#pragma once

#include <string>
#include <vector>

#include "services/cli/terminal.h"
#include "snapledger/v1/match_rate.pb.h"

namespace snapledger::cli {

// Coverage for people: for each row its identifiers with a bar of the usable share, then the most
// frequent sets of identifiers. Pure.
std::string RenderMatchRates(const v1::GetMatchRatesResponse& rates,
                             const std::vector<v1::Grouping>& group_by, const Display& display);

}  // namespace snapledger::cli
