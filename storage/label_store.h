#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace snapledger::storage {

// Event names and sources, numbered so that a row holds four bytes for one.
enum class LabelKind : int16_t { kEventName = 1, kSource = 2 };

struct Label {
  int32_t number = 0;
  LabelKind kind = LabelKind::kEventName;
  std::string text;
};

// Thread-safe. Standard event names have the numbers of snapledger.v1.StandardEvent from the first
// migration on; other labels get a number when first seen. A label is never changed or removed.
class LabelStore {
 public:
  virtual ~LabelStore() = default;

  // RESOURCE_EXHAUSTED once there are kLabelsMax of the kind.
  virtual absl::StatusOr<int32_t> FindOrInsert(LabelKind kind, std::string_view text) = 0;
  // All labels with a number above `after_number`, in order: for filling a cache.
  virtual absl::StatusOr<std::vector<Label>> ListAfter(int32_t after_number) = 0;
};

inline constexpr int kLabelsMax = 30'000;

}  // namespace snapledger::storage
