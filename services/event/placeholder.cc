#include "services/event/placeholder.h"

#include <algorithm>
#include <array>
#include <vector>

#include "services/event/sha256.h"
#include "services/event/text.h"

namespace snapledger::event {
namespace {

// Not "nan", "nil" or "na": people are called that.
constexpr std::array<std::string_view, 13> kWords = {
    "null",      "undefined", "n/a",     "none",   "(null)", "[null]",          "<null>",
    "(not set)", "not set",   "unknown", "(none)", "-",      "[object object]",
};

// A single zero too, the number a program puts where an id was missing.
bool IsAllZero(std::string_view text) {
  bool zero = false;
  for (const char c : text) {
    if (c == '0') {
      zero = true;
    } else if (c != '-') {
      return false;
    }
  }
  return zero;
}

const std::vector<Sha256Digest>& PlaceholderDigests() {
  static const auto* const digests = new std::vector<Sha256Digest>([] {
    std::vector<Sha256Digest> sorted;
    for (const std::string_view text :
         {"", " ", "null", "NULL", "Null", "undefined", "Undefined", "n/a", "N/A", "none", "None",
          "(null)", "unknown", "0", "[object Object]", "[object object]",
          "00000000-0000-0000-0000-000000000000"}) {
      sorted.push_back(Sha256(text));
    }
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }());
  return *digests;
}

}  // namespace

bool IsPlaceholder(std::string_view trimmed) {
  if (trimmed.empty()) return true;
  if (IsAllZero(trimmed)) return true;
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return EqualsIgnoringCase(word, trimmed); });
}

bool IsPlaceholderDigest(const Sha256Digest& digest) {
  const std::vector<Sha256Digest>& digests = PlaceholderDigests();
  return std::binary_search(digests.begin(), digests.end(), digest);
}

}  // namespace snapledger::event
