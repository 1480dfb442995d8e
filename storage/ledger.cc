#include "storage/ledger.h"

#include "absl/strings/cord.h"

namespace snapledger::storage {
namespace {

constexpr char kLanesChanged[] = "snapledger/lanes-changed";

}  // namespace

bool IsLanesChanged(const absl::Status& status) {
  return status.GetPayload(kLanesChanged).has_value();
}

absl::Status LanesChangedError() {
  absl::Status status = absl::AbortedError("where events belong was decided anew");
  status.SetPayload(kLanesChanged, absl::Cord());
  return status;
}

}  // namespace snapledger::storage
