#pragma once

#include <string>

namespace snapledger::cli {

// What keeps a text from being a ConversionEvent in proto3 JSON: which field, what is wrong with it
// and what to do. Empty where no such thing is found. Of the text it repeats nothing but names of
// fields, and a name that is a slip away from one. Pure.
std::string EventFault(const std::string& json);

}  // namespace snapledger::cli
