#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace snapledger::emulator {

// Which token opens which asset. Thread-safe.
class Tokens {
 public:
  enum class Verdict { kAccepted, kUnknownToken, kOtherAsset };

  // Replaces the list by the lines "asset token" of `text`; blank lines and lines that begin with #
  // are skipped. Before the first call any token that is not empty is taken for any asset.
  absl::Status Replace(absl::string_view text);

  Verdict Check(absl::string_view asset, absl::string_view token) const;

 private:
  using Assets = absl::flat_hash_set<std::string>;

  mutable absl::Mutex mutex_;
  bool any_ ABSL_GUARDED_BY(mutex_) = true;
  absl::flat_hash_map<std::string, Assets> assets_by_token_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace snapledger::emulator
