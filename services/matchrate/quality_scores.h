#pragma once

#include "services/matchrate/coverage_reader.h"
#include "services/matchrate/coverage_rows.h"
#include "snapledger/v1/match_rate.pb.h"
#include "storage/quality_store.h"

namespace snapledger::matchrate {

// Snap's scores of the event names a row is about, on Snap's own scale, from the last answer that
// was understood. Where none came since, one more entry without a score says since when and why:
// its title is for people, its time that of the last good answer, not set where there never was
// one. Scores are of a destination's event names; nothing is said of rows by where events happened
// or came from. Pure.
void FillQualityScores(const storage::QualityStanding& standing, const CoverageSelection& selection,
                       const CoverageGroup& group, v1::MatchRateRow* row);

}  // namespace snapledger::matchrate
