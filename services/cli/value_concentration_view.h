#pragma once

#include <string>
#include <vector>

#include "snapledger/v1/match_rate.pb.h"

namespace snapledger::cli {

// What the figures mean, and what they are about.
extern const char kConcentrationMeaning[];

// The titles of the columns, and the cells of one kind of identifier under them: its name, events,
// the share of the most frequent value, the effective number of values, the orders of one value.
std::vector<std::string> ConcentrationTitles();
std::vector<std::string> ConcentrationCells(const v1::ValueConcentration& concentration);

// How concentrated values are, for people: a table and what it means. Pure.
std::string RenderValueConcentrations(const v1::GetMatchRatesResponse& rates);

}  // namespace snapledger::cli
