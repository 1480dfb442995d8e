#pragma once

#include <cstddef>
#include <string_view>

namespace snapledger::base {

// Levenshtein's distance: how many bytes must be put in, taken out or replaced. Takes time and
// memory by the product and the length of the texts, which the caller bounds. Pure.
size_t EditsBetween(std::string_view from, std::string_view to);

}  // namespace snapledger::base
