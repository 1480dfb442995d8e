#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace snapledger::snap {

// Grows with every change of what DecodeQuality makes of an answer.
inline constexpr int kQualityParserVersion = 1;

// One recommendation of Snap's for an event type, in Snap's own words, redacted (redact.h).
struct QualityScore {
  std::string event_name;
  std::string event_source;  // SDK or API
  std::string score;         // GOOD, OKAY or BAD; nothing else
  std::string priority;
  std::string recommendation_code;
  std::string title;
};

// Reads an answer of event_quality_scores; what it does not know beside is passed over. Not set
// where it has not the shape this was written for: a score that is none of the three, no list, a
// request that did not succeed. Pure.
std::optional<std::vector<QualityScore>> DecodeQuality(std::string_view body);

}  // namespace snapledger::snap
