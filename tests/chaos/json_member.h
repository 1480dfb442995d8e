#pragma once

#include <string>

namespace snapledger::chaos {

// The text of one member of a JSON object. Throws std::runtime_error where there is none.
std::string TextMember(const std::string& json, const char* name);

}  // namespace snapledger::chaos
