#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace snapledger::matchrate {

// How many different orders there were: the 64 smallest of their hashes (k minimum values, Bar-
// Yossef et al., 2002). Exact below 64, then with a standard error of 12.7 %. Sets merge into the
// set of both. Not thread-safe.
class OrderSet {
 public:
  static constexpr size_t kKept = 64;
  static constexpr double kStandardError = 0.127;  // 1 / sqrt(kKept - 2)

  // `hash`: evenly distributed over all 32 bits.
  void Add(uint32_t hash);
  void Merge(const OrderSet& other);

  bool exact() const { return hashes_.size() < kKept; }
  int64_t Count() const;

  // Their number, then the hashes as differences; varints.
  void AppendTo(std::string* bytes) const;
  // Takes one from the front of `bytes`; false where they are none.
  bool TakeFrom(std::string_view* bytes);

 private:
  std::vector<uint32_t> hashes_;  // ascending
};

}  // namespace snapledger::matchrate
