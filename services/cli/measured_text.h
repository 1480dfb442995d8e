#pragma once

#include <string>

#include "snapledger/v1/match_rate.pb.h"

namespace snapledger::cli {

// What a number rests on, for people: "80 % interval 33.1 % to 48.9 %, assumptions alone"; of one
// that is not there, why. Pure.
std::string MeasuredNote(const v1::MeasuredValue& value);

// Why there is no number, to stand behind words that say so: without the "none: " the method begins
// with. Pure.
std::string NoNumberReason(const v1::MeasuredValue& value);

// What an estimated rate is to be seen beside: the bounds of its assumptions and the naive union,
// which the server adds to its method after "; ". Empty where there is none. Pure.
std::string BoundsNote(const v1::MeasuredValue& value);

}  // namespace snapledger::cli
