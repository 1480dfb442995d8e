#pragma once

#include <string>

#include "absl/time/time.h"
#include "snapledger/v1/match_rate.pb.h"

namespace snapledger::cli {

// What the page is made from: three answers about the same events.
struct MatchRatePage {
  std::string destination;
  absl::Time made;
  std::string receipts;              // a sentence
  v1::GetMatchRatesResponse whole;   // one row
  v1::GetMatchRatesResponse by_day;  // rows in the order of their days
  // The same events with only what a browser pixel has.
  v1::SimulateMatchRateResponse pixel_only;
};

// A page of HTML with its plots inside: no script, nothing loaded. Pure.
std::string RenderMatchRatePage(const MatchRatePage& page);

}  // namespace snapledger::cli
