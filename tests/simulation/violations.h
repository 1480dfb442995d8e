#pragma once

#include <set>
#include <string>

namespace snapledger::simulation {

// What a run found broken, each by the name of its invariant and once.
class Violations {
 public:
  void Add(const std::string& invariant, const std::string& what) {
    if (names_.insert(invariant).second) text_ += invariant + ": " + what + "\n";
  }
  bool empty() const { return names_.empty(); }
  const std::string& text() const { return text_; }
  const std::set<std::string>& names() const { return names_; }

 private:
  std::set<std::string> names_;
  std::string text_;
};

}  // namespace snapledger::simulation
