#include "tests/checker/report.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "services/base/text.h"

namespace snapledger::checker {
namespace {

constexpr std::array<std::string_view, kInvariantCount> kTitles = {
    "acknowledged is stored, once; nothing else is",
    "only allowed changes of state",
    "one owner: fences grow, one open attempt",
    "counters equal a recount",
    "caps hold, nothing due stays unclaimed",
    "the states add up to what is stored",
    "an erased subject is nowhere",
    "the audit chain verifies",
    "no request without an intent committed before",
    "delivered was answered so",
    "what Snap took is not forgotten",
    "same event, same bytes",
    "no arrival outside its window",
    "no arrival beyond attempts or after VALID",
    "own asset, live token, nothing leaked",
    "counted once",
    "the rate and Retry-After are kept",
    "the backlog drains",
};

std::string Verdict(const InvariantResult& result) {
  if (result.violations > 0) return base::Concat(result.violations, " violations");
  return result.not_checked.empty() ? "holds" : "not checked";
}

}  // namespace

void Report::Checked(int invariant, int64_t count, std::string_view what) {
  InvariantResult& result = results_[invariant - 1];
  result.checked += count;
  if (!result.checked_what.empty()) result.checked_what += ", ";
  result.checked_what += base::Concat(count, " ", what);
}

void Report::Violation(int invariant, std::string example) {
  InvariantResult& result = results_[invariant - 1];
  ++result.violations;
  if (result.examples.size() < kExamplesMax) result.examples.push_back(std::move(example));
}

void Report::Note(int invariant, std::string note) {
  results_[invariant - 1].notes.push_back(std::move(note));
}

void Report::NotChecked(int invariant, std::string why) {
  results_[invariant - 1].not_checked = std::move(why);
}

bool Report::any_violation() const {
  return std::any_of(results_.begin(), results_.end(),
                     [](const InvariantResult& result) { return result.violations > 0; });
}

std::string Report::Text() const {
  std::string text;
  for (int i = 0; i < kInvariantCount; ++i) {
    const InvariantResult& result = results_[i];
    absl::StrAppendFormat(&text, "I%-3d %-46s %-14s %s\n", i + 1, base::AsAbsl(kTitles[i]),
                          Verdict(result),
                          result.not_checked.empty() ? result.checked_what : result.not_checked);
  }
  for (int i = 0; i < kInvariantCount; ++i) {
    for (const std::string& example : results_[i].examples) {
      absl::StrAppendFormat(&text, "I%d broken: %s\n", i + 1, example);
    }
    for (const std::string& note : results_[i].notes) {
      absl::StrAppendFormat(&text, "I%d note: %s\n", i + 1, note);
    }
  }
  return text;
}

}  // namespace snapledger::checker
