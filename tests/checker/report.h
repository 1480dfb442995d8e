#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace snapledger::checker {

inline constexpr int kInvariantCount = 18;
inline constexpr size_t kExamplesMax = 5;

// What is known of one invariant.
struct InvariantResult {
  int64_t checked = 0;
  std::string checked_what;
  int64_t violations = 0;
  std::vector<std::string> examples;  // the first violations
  std::vector<std::string> notes;
  std::string not_checked;  // why, where it was not

  bool holds() const { return not_checked.empty() && violations == 0; }
};

// What came of a check. Invariants go by their numbers in the design, 1 to kInvariantCount.
class Report {
 public:
  // `count` things were looked at; said of several kinds of things, all are shown.
  void Checked(int invariant, int64_t count, std::string_view what);
  // An example must name what is broken so that it can be looked up, and no personal data.
  void Violation(int invariant, std::string example);
  void Note(int invariant, std::string note);
  void NotChecked(int invariant, std::string why);

  const InvariantResult& Of(int invariant) const { return results_[invariant - 1]; }
  bool any_violation() const;
  // A table for a person, examples below it.
  std::string Text() const;

 private:
  std::array<InvariantResult, kInvariantCount> results_;
};

}  // namespace snapledger::checker
