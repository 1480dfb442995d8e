#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace snapledger::event {

// The member names of a JSON object, unescaped, in order; nullopt when `json` is not exactly one
// JSON object as RFC 8259 has it, nests deeper than 16 levels, or repeats a name of the object.
std::optional<std::vector<std::string>> ReadMemberNames(std::string_view json);

}  // namespace snapledger::event
