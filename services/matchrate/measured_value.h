#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "services/matchrate/linear_estimate.h"
#include "services/matchrate/prior_model.h"
#include "snapledger/v1/match_rate.pb.h"

namespace snapledger::matchrate {

// Numbers that say what they are. Pure.

// Of intervals around reported counts, and around what the model says.
inline constexpr double kObservedLevel = 0.95;
inline constexpr double kEstimatedLevel = 0.80;

// What the figures of one answer have in common.
struct ValueFrame {
  v1::DenominatorKind denominator_kind = v1::DENOMINATOR_KIND_RECORDED;
  absl::Time as_of;
};

// A counted share; 0 of 0 is 0.
v1::MeasuredValue ExactShare(int64_t numerator, int64_t denominator, const ValueFrame& frame);

// Counts reported from outside, with Wilson's interval. `total` must be above 0. `through`: the end
// of the newest window among them.
v1::MeasuredValue ObservedShare(int64_t matched, int64_t total, std::string_view method,
                                absl::Time through, absl::Time as_of);

// What the figures of one estimate have in common.
struct EstimateFrame {
  ValueFrame values;
  int64_t events = 0;  // of the scope
  v1::MeasureStatus status = v1::MEASURE_STATUS_ESTIMATED_PRIOR_ONLY;
  std::string model_version;
  absl::Time data_through;
};
v1::MeasuredValue EstimatedValue(const Estimate& estimate, const EstimateFrame& frame);
// The rate of a set or a mix: its method goes on with what its prior bounds, and with the naive
// union, so that nobody sees the one without the other.
v1::MeasuredValue EstimatedRate(const Estimate& estimate, const SetPrior& prior,
                                const EstimateFrame& frame);

// No number; `reason` says why and stands where others say their method.
v1::MeasuredValue NoValue(std::string_view reason, const ValueFrame& frame);

}  // namespace snapledger::matchrate
