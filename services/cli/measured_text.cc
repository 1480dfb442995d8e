#include "services/cli/measured_text.h"

#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "services/base/text.h"
#include "services/cli/table.h"

namespace snapledger::cli {
namespace {

constexpr char kNone[] = "none: ";

std::string Basis(const v1::MeasuredValue& value) {
  switch (value.status()) {
    case v1::MEASURE_STATUS_OBSERVED:
      return base::Concat(Grouped(value.numerator()), " of ", Grouped(value.denominator()),
                          " reported, ", value.method());
    case v1::MEASURE_STATUS_ESTIMATED_PRIOR_ONLY:
      return "assumptions alone, nothing was reported";
    case v1::MEASURE_STATUS_ESTIMATED_CALIBRATED:
      return "calibrated by reported counts";
    case v1::MEASURE_STATUS_STALE:
      return "stale: the reports it rests on are old";
    default:
      return value.method();
  }
}

}  // namespace

std::string MeasuredNote(const v1::MeasuredValue& value) {
  if (value.status() == v1::MEASURE_STATUS_INSUFFICIENT) return value.method();
  if (value.level() == 0) return Basis(value);
  return absl::StrFormat("%.0f %% interval %.1f %% to %.1f %%, %s", 100 * value.level(),
                         100 * value.lower(), 100 * value.upper(), Basis(value));
}

std::string NoNumberReason(const v1::MeasuredValue& value) {
  return std::string(absl::StripPrefix(value.method(), kNone));
}

std::string BoundsNote(const v1::MeasuredValue& value) {
  if (value.status() == v1::MEASURE_STATUS_INSUFFICIENT) return "";
  const size_t end = value.method().find("; ");
  return end == std::string::npos ? "" : value.method().substr(end + 2);
}

}  // namespace snapledger::cli
