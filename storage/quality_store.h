#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace snapledger::storage {

// One line of Snap's quality scores, in Snap's own words.
struct QualityScoreRow {
  std::string event_name, event_source, score, priority, recommendation_code, title;
};

// What came of asking Snap once.
struct QualityAnswer {
  int http_status = 0;  // 0: no complete answer
  std::string answer;   // as it came
  std::string error;    // of the transport or the parser; empty where understood
  int parser_version = 0;
  bool understood = false;
  std::vector<QualityScoreRow> scores;
};

// How the scores of a destination stand.
struct QualityStanding {
  // The latest that was understood, and when Snap last gave it; not set where none ever was.
  std::optional<absl::Time> fetched_time;
  std::vector<QualityScoreRow> scores;
  // Since when answers are not understood or do not come, and why; not set where the latest was.
  std::optional<absl::Time> failing_since;
  std::string error;
};

// Keeps Snap's quality scores. Thread-safe.
class QualityStore {
 public:
  virtual ~QualityStore() = default;

  // Whether it is this process's turn to ask for the destination; no other has one before
  // `interval` is over.
  virtual absl::StatusOr<bool> TakeTurn(int32_t destination_number, absl::Duration interval) = 0;
  // Keeps an answer; one that repeats the one before takes no room. Forgets what is older than a
  // year.
  virtual absl::Status Add(int32_t destination_number, const QualityAnswer& answer) = 0;
  virtual absl::StatusOr<QualityStanding> Standing(int32_t destination_number) = 0;
};

}  // namespace snapledger::storage
