#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace snapledger::base {

// A value that must never be printed: an access token or a key. There is no stream operator, no
// AbslStringify and no log overload for it; tests/tidy refuses one. Its memory is wiped when it
// goes out of scope.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&&) noexcept = default;
  ~Secret();

  // The value itself: for the wire and for cryptography only.
  std::string_view Reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

}  // namespace snapledger::base
