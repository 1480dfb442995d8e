#include "services/matchrate/measured_value.h"

#include "absl/strings/str_format.h"
#include "services/base/check.h"
#include "services/base/text.h"
#include "services/matchrate/intervals.h"
#include "services/query/proto_time.h"

namespace snapledger::matchrate {

v1::MeasuredValue ExactShare(int64_t numerator, int64_t denominator, const ValueFrame& frame) {
  const double share =
      denominator == 0 ? 0 : static_cast<double>(numerator) / static_cast<double>(denominator);
  v1::MeasuredValue value;
  value.set_value(share);
  value.set_lower(share);
  value.set_upper(share);
  value.set_method("census");
  value.set_numerator(numerator);
  value.set_denominator(denominator);
  value.set_denominator_kind(frame.denominator_kind);
  *value.mutable_as_of() = query::TimeToProto(frame.as_of);
  *value.mutable_data_through() = query::TimeToProto(frame.as_of);
  value.set_status(v1::MEASURE_STATUS_EXACT);
  return value;
}

v1::MeasuredValue ObservedShare(int64_t matched, int64_t total, std::string_view method,
                                absl::Time through, absl::Time as_of) {
  const absl::StatusOr<Interval> interval = WilsonInterval(matched, total, kObservedLevel);
  SNAPLEDGER_CHECK(interval.ok());
  v1::MeasuredValue value;
  value.set_value(static_cast<double>(matched) / static_cast<double>(total));
  value.set_lower(interval->lower);
  value.set_upper(interval->upper);
  value.set_level(kObservedLevel);
  value.set_method(std::string(method));
  value.set_numerator(matched);
  value.set_denominator(total);
  value.set_denominator_kind(v1::DENOMINATOR_KIND_REPORTED);
  *value.mutable_as_of() = query::TimeToProto(as_of);
  *value.mutable_data_through() = query::TimeToProto(through);
  value.set_status(v1::MEASURE_STATUS_OBSERVED);
  return value;
}

v1::MeasuredValue EstimatedValue(const Estimate& estimate, const EstimateFrame& frame) {
  v1::MeasuredValue value;
  value.set_value(estimate.value);
  value.set_lower(estimate.within80.lower);
  value.set_upper(estimate.within80.upper);
  value.set_level(kEstimatedLevel);
  value.set_method(frame.status == v1::MEASURE_STATUS_ESTIMATED_PRIOR_ONLY ? "reach-ceiling prior"
                                                                           : "beta-binomial");
  value.set_denominator(frame.events);
  value.set_denominator_kind(frame.values.denominator_kind);
  *value.mutable_as_of() = query::TimeToProto(frame.values.as_of);
  *value.mutable_data_through() = query::TimeToProto(frame.data_through);
  value.set_model_version(frame.model_version);
  value.set_status(frame.status);
  return value;
}

v1::MeasuredValue EstimatedRate(const Estimate& estimate, const SetPrior& prior,
                                const EstimateFrame& frame) {
  v1::MeasuredValue value = EstimatedValue(estimate, frame);
  absl::StrAppendFormat(value.mutable_method(),
                        "; the assumptions bound it to %.1f %% to %.1f %% however the identifiers "
                        "depend on each other; naive union %.1f %%, if identifiers were "
                        "independent: too optimistic",
                        100 * prior.lower_bound, 100 * prior.upper_bound, 100 * prior.naive_union);
  return value;
}

v1::MeasuredValue NoValue(std::string_view reason, const ValueFrame& frame) {
  v1::MeasuredValue value;
  value.set_method(base::Concat("none: ", reason));
  value.set_denominator_kind(frame.denominator_kind);
  *value.mutable_as_of() = query::TimeToProto(frame.as_of);
  value.set_status(v1::MEASURE_STATUS_INSUFFICIENT);
  return value;
}

}  // namespace snapledger::matchrate
