#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/chaos/campaign.h"
#include "tests/chaos/fault.h"

namespace snapledger::chaos {

// The table of faults: kind, how often, how often recovered from, the longest recovery; then the
// kinds that could not be inflicted, with the reason. Pure.
std::string FaultTable(const std::vector<FaultKind>& kinds,
                       const std::map<std::string, Campaign::Tally>& tallies);

// How many kinds were inflicted at least once. Pure.
int KindCount(const std::map<std::string, Campaign::Tally>& tallies);

}  // namespace snapledger::chaos
