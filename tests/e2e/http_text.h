#pragma once

#include <string>

namespace snapledger::e2e {

// What a service answers at `path` of the HTTP address its ready file names. Empty where it does
// not answer.
std::string HttpText(const std::string& ready_file, const std::string& path);

}  // namespace snapledger::e2e
