#pragma once

#include <string_view>

namespace snapledger::event {

// Both take a name as KeepLettersAndDigits leaves it and answer with lower-case text of static
// lifetime; empty when the name is not known.

// ISO 3166-1 alpha-2 from an alpha-2 or alpha-3 code, an English name, a name in the country's own
// main language, or a common other name ("uk", "holland").
std::string_view FindCountry(std::string_view name);

// The two-letter code of a state, district or territory of the United States from its name.
std::string_view FindUsState(std::string_view name);

}  // namespace snapledger::event
