#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace snapledger::app {

// The name that takes the fewest edits to reach from `given`; empty where each takes more than a
// third of what was given, and more than one: it was hardly meant then. Pure.
std::string NearestName(std::string_view given, const std::vector<std::string>& names);

}  // namespace snapledger::app
