#include "services/emulator/tokens.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace snapledger::emulator {

absl::Status Tokens::Replace(absl::string_view text) {
  absl::flat_hash_map<std::string, Assets> assets_by_token;
  int number = 0;
  for (const absl::string_view raw : absl::StrSplit(text, '\n')) {
    ++number;
    const absl::string_view line = absl::StripAsciiWhitespace(raw);
    if (line.empty() || line[0] == '#') continue;
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.size() != 2) {
      // The line itself may hold a token, so it is not quoted.
      return absl::InvalidArgumentError(
          absl::StrCat("tokens, line ", number, ": want an asset and a token"));
    }
    assets_by_token[words[1]].emplace(words[0]);
  }
  absl::MutexLock lock(&mutex_);
  any_ = false;
  assets_by_token_ = std::move(assets_by_token);
  return absl::OkStatus();
}

Tokens::Verdict Tokens::Check(absl::string_view asset, absl::string_view token) const {
  absl::MutexLock lock(&mutex_);
  if (token.empty()) return Verdict::kUnknownToken;
  if (any_) return Verdict::kAccepted;
  const auto found = assets_by_token_.find(token);
  if (found == assets_by_token_.end()) return Verdict::kUnknownToken;
  return found->second.contains(asset) ? Verdict::kAccepted : Verdict::kOtherAsset;
}

}  // namespace snapledger::emulator
