#include "services/query/page_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "services/base/check.h"
#include "services/base/error_details.h"
#include "services/base/text.h"

namespace snapledger::query {
namespace {

constexpr char kVersion = 1;
constexpr size_t kTagBytes = 16;

}  // namespace

absl::StatusOr<int> PageSize(int32_t requested) {
  if (requested < 0) return base::InvalidFieldError("page_size", "must not be negative");
  return requested == 0 ? kPageSizeDefault : std::min(requested, kPageSizeMax);
}

// Token: version, tag, position; the tag is over the length of the filter, the filter and the
// position, so that no two pairs share an input.
std::string PageTokens::Make(std::string_view filter, std::string_view position) const {
  std::string token(1, kVersion);
  token += Authenticate(filter, position);
  token += position;
  return absl::WebSafeBase64Escape(token);
}

absl::StatusOr<std::string> PageTokens::Read(std::string_view filter,
                                             std::string_view token) const {
  if (token.empty()) return std::string();
  if (std::optional<std::string> position = Position(filter, token)) return *std::move(position);
  return base::InvalidFieldError(
      base::ErrorReason::kInvalidPageToken, "page_token",
      "is not a token of this listing with this filter; start again without one");
}

std::optional<std::string> PageTokens::Position(std::string_view filter,
                                                std::string_view token) const {
  std::string bytes;
  const bool readable = absl::WebSafeBase64Unescape(base::AsAbsl(token), &bytes) &&
                        bytes.size() > kTagBytes && bytes[0] == kVersion;
  if (!readable) return std::nullopt;
  std::string position = bytes.substr(1 + kTagBytes);
  const std::string tag = Authenticate(filter, position);
  if (CRYPTO_memcmp(tag.data(), bytes.data() + 1, kTagBytes) != 0) return std::nullopt;
  return position;
}

std::string PageTokens::Authenticate(std::string_view filter, std::string_view position) const {
  const std::string input = base::Concat("page-token/", filter.size(), "/", filter, position);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const std::string_view key = key_.Reveal();
  const auto* made =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(input.data()), input.size(), digest, &size);
  SNAPLEDGER_CHECK(made != nullptr && size >= kTagBytes);
  return {reinterpret_cast<const char*>(digest), kTagBytes};
}

}  // namespace snapledger::query
