#pragma once

#include <string>

#include "google/protobuf/struct.pb.h"

namespace snapledger::ingest {

inline constexpr int kExtraDepthMax = 16;  // lists and objects within each other

// The members of `extra` as one JSON object on one line, keys sorted, numbers in their shortest
// form: equal messages give equal text. Empty where there are no members. What JSON cannot say (a
// number that is not finite, a value without a kind) or what is nested deeper than kExtraDepthMax
// gives kMalformedExtra, which is not JSON, so that validation refuses the event.
std::string ExtraJson(const google::protobuf::Struct& extra);

inline constexpr char kMalformedExtra[] = "malformed";

}  // namespace snapledger::ingest
