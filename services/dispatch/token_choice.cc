#include "services/dispatch/token_choice.h"

#include <algorithm>

namespace snapledger::dispatch {
namespace {

// After so long a token that was refused is tried again.
constexpr absl::Duration kRefusalCounts = absl::Minutes(1);
constexpr absl::Duration kNoteInterval = absl::Minutes(1);

template <typename Map>
void KeepOnly(const std::vector<TokenChoice::Token>& tokens, Map* map) {
  for (auto entry = map->begin(); entry != map->end();) {
    const bool live = std::any_of(tokens.begin(), tokens.end(), [&entry](const auto& token) {
      return token.token_id == entry->first;
    });
    entry = live ? std::next(entry) : map->erase(entry);
  }
}

}  // namespace

bool IsTokenRefused(const Decision& decision) {
  if (decision.verdict != Decision::Verdict::kHeld) return false;
  // "Unauthorized resources" comes with the latter too.
  return decision.http_status == 401 || decision.http_status == 403 ||
         decision.http_status / 100 == 2 || decision.http_status == 400;
}

const TokenChoice::Token* TokenChoice::Choose(const std::vector<Token>& tokens,
                                              absl::Duration now) const {
  absl::MutexLock lock(&mutex_);
  for (const Token& token : tokens) {
    if (!RefusedLately(token.token_id, now)) return &token;
  }
  return tokens.empty() ? nullptr : &tokens.front();
}

bool TokenChoice::TryAnother(const std::vector<Token>& tokens, std::string_view refused,
                             absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  refused_[std::string(refused)] = now;
  KeepOnly(tokens, &refused_);
  KeepOnly(tokens, &notes_);
  for (const Token& token : tokens) {
    if (!RefusedLately(token.token_id, now)) return true;
  }
  refused_.clear();
  return false;
}

bool TokenChoice::IsWorthNoting(std::string_view token_id, bool success, absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  const auto [note, is_first] = notes_.try_emplace(std::string(token_id));
  if (!is_first && note->second.success == success && now - note->second.time < kNoteInterval) {
    return false;
  }
  note->second = {.success = success, .time = now};
  return true;
}

bool TokenChoice::RefusedLately(const std::string& token_id, absl::Duration now) const {
  const auto refused = refused_.find(token_id);
  return refused != refused_.end() && now - refused->second < kRefusalCounts;
}

}  // namespace snapledger::dispatch
