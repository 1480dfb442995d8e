#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/base/secret.h"

namespace snapledger::query {

inline constexpr int kPageSizeDefault = 50;
inline constexpr int kPageSizeMax = 1000;

// The size of a page by AIP-158: 0 is the default, more than the maximum is the maximum, less than
// 0 is INVALID_ARGUMENT.
absl::StatusOr<int> PageSize(int32_t requested);

// Opaque page tokens: where the next page begins, authenticated, and bound to the listing and its
// filter, so that a token made for one question never answers another. Thread-safe.
class PageTokens {
 public:
  // `key` must outlive this.
  explicit PageTokens(const base::Secret& key) : key_(key) {}

  // `filter`: the listing's name and every field that selects, in a fixed order. `position`: where
  // the page ended; it can be read by who holds the token, so never put personal data in it.
  std::string Make(std::string_view filter, std::string_view position) const;

  // The position; empty for an empty token. INVALID_ARGUMENT (INVALID_PAGE_TOKEN) where the token
  // was not made here for this filter.
  absl::StatusOr<std::string> Read(std::string_view filter, std::string_view token) const;

  // The position of a token; nothing where it was not made here for this filter.
  std::optional<std::string> Position(std::string_view filter, std::string_view token) const;

 private:
  std::string Authenticate(std::string_view filter, std::string_view position) const;

  const base::Secret& key_;
};

}  // namespace snapledger::query
