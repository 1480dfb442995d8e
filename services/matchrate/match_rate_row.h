#pragma once

#include <optional>

#include "services/matchrate/coverage_reader.h"
#include "services/matchrate/coverage_rows.h"
#include "services/matchrate/fitted_model.h"
#include "services/matchrate/linear_estimate.h"
#include "services/matchrate/measured_value.h"
#include "services/matchrate/observation_choice.h"
#include "snapledger/v1/match_rate.pb.h"

namespace snapledger::matchrate {

struct Measures {
  bool coverage = false;
  bool observed = false;
  bool estimated = false;
};

// Makes the rows of one answer. Each measure fills fields of its own; none is made from another's.
// One thread at a time.
class MatchRateRows {
 public:
  // The references must outlive this; `model` is null where nothing is to be estimated.
  MatchRateRows(const Measures& measures, const CoverageSelection& selection,
                const ValueFrame& frame, const Observations& observations,
                const FittedModel* model);

  void Fill(const CoverageGroup& group, const CoverageCounts& counts, v1::MatchRateRow* row);

 private:
  void FillCoverage(const CoverageCounts& counts, v1::MatchRateRow* row) const;
  void FillSets(const CoverageCounts& counts, v1::MatchRateRow* row) const;
  void FillObserved(const CoverageGroup& group, v1::MatchRateRow* row) const;
  void FillEstimated(const CoverageCounts& counts, v1::MatchRateRow* row);

  const Measures& measures_;
  const CoverageSelection& selection_;
  const ValueFrame& frame_;
  const Observations& observations_;
  const FittedModel* const model_;
  std::optional<LinearEstimates> estimates_;
};

}  // namespace snapledger::matchrate
