#include "services/rpc/verdict_counts.h"

#include <map>

#include "absl/strings/ascii.h"

namespace snapledger::rpc {
namespace {

constexpr size_t kOutcomePrefix = sizeof "OUTCOME_" - 1;

}  // namespace

void CountVerdicts(const v1::RecordEventsResponse& response, base::Metrics& metrics) {
  std::map<v1::Outcome, int64_t> counts;
  for (const v1::EventVerdict& verdict : response.verdicts()) ++counts[verdict.outcome()];
  for (const auto& [outcome, count] : counts) {
    metrics.CountEvents(absl::AsciiStrToLower(v1::Outcome_Name(outcome).substr(kOutcomePrefix)),
                        count);
  }
}

}  // namespace snapledger::rpc
