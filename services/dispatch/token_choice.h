#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/destinations/destination_directory.h"
#include "services/dispatch/outcome.h"

namespace snapledger::dispatch {

// Whether Snap refused the access token rather than something else of the destination.
bool IsTokenRefused(const Decision& decision);

// Which of a destination's live tokens this process sends with: the newest, unless Snap refused it
// lately and did not refuse another. Times are of the monotonic clock. Thread-safe.
class TokenChoice {
 public:
  using Token = destinations::ActiveDestination::Token;

  // The token to send with; null where there is none.
  const Token* Choose(const std::vector<Token>& tokens, absl::Duration now) const;

  // Snap refused this token. True where another live one is to be tried next; false where all were
  // refused lately: the destination is to be held, and what was refused before is forgotten.
  bool TryAnother(const std::vector<Token>& tokens, std::string_view refused, absl::Duration now);

  // True when the use of a token is to be noted: at most once a minute for the same result.
  bool IsWorthNoting(std::string_view token_id, bool success, absl::Duration now);

 private:
  bool RefusedLately(const std::string& token_id, absl::Duration now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  struct Note {
    bool success = false;
    absl::Duration time;
  };
  mutable absl::Mutex mutex_;
  std::map<std::string, absl::Duration> refused_ ABSL_GUARDED_BY(mutex_);  // last, by token id
  std::map<std::string, Note> notes_ ABSL_GUARDED_BY(mutex_);              // last, by token id
};

}  // namespace snapledger::dispatch
