#include "services/rpc/verdict_counts.h"

#include <array>
#include <string>

#include "absl/strings/ascii.h"

namespace snapledger::rpc {
namespace {

constexpr size_t kOutcomePrefix = sizeof "OUTCOME_" - 1;

const std::string& NameOf(int outcome) {
  static const auto& names = *[] {
    auto* made = new std::array<std::string, v1::Outcome_ARRAYSIZE>;
    for (int number = 0; number < v1::Outcome_ARRAYSIZE; ++number) {
      const auto& name = v1::Outcome_Name(static_cast<v1::Outcome>(number));
      if (name.size() > kOutcomePrefix) {
        made->at(number) = absl::AsciiStrToLower(name.substr(kOutcomePrefix));
      }
    }
    return made;
  }();
  return names.at(outcome);
}

}  // namespace

void CountVerdicts(const v1::RecordEventsResponse& response, base::Metrics& metrics) {
  std::array<int64_t, v1::Outcome_ARRAYSIZE> counts{};
  for (const v1::EventVerdict& verdict : response.verdicts()) ++counts.at(verdict.outcome());
  for (int outcome = 0; outcome < v1::Outcome_ARRAYSIZE; ++outcome) {
    if (counts.at(outcome) > 0) metrics.CountEvents(NameOf(outcome), counts.at(outcome));
  }
}

}  // namespace snapledger::rpc
