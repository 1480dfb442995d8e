#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "services/event/prepare.h"

namespace snapledger::event {

// Where in an event a finding lies; becomes text only when there is one. The parts outlive it.
struct FieldPath {
  std::string_view field;   // e.g. custom_data.contents
  int index = -1;           // of a repeated field
  std::string_view member;  // of a message in a repeated field

  std::string ToString() const;  // e.g. custom_data.contents[2].item_price
};

// Collects what is wrong and what is odd about one event, at most kFindingsMax of each.
class Findings {
 public:
  explicit Findings(PreparedEvent* prepared) : prepared_(*prepared) {}

  void Violate(const FieldPath& path, Reason reason, std::string_view description);
  void Warn(const FieldPath& path, Reason reason, std::string_view description);

  bool any_violation() const { return !prepared_.violations.empty(); }

 private:
  PreparedEvent& prepared_;
};

// What characters a text may hold: kToken no control characters (ids, addresses, names of things);
// kProse any but NUL.
enum class TextKind { kToken, kProse };

// Whether `text` is valid UTF-8 of at most `bytes_max` bytes and fit for its kind; else a
// violation.
bool CheckText(const FieldPath& path, std::string_view text, size_t bytes_max, TextKind kind,
               Findings* findings);

}  // namespace snapledger::event
