#include "services/cli/patient_call.h"

#include <algorithm>

#include "services/base/error_details.h"

namespace snapledger::cli {
namespace {

constexpr absl::Duration kDelayMin = absl::Milliseconds(200);
constexpr absl::Duration kDelayMax = absl::Seconds(5);

bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status) ||
         absl::IsDeadlineExceeded(status);
}

}  // namespace

absl::Status CallPatiently(const std::function<absl::Status()>& call, absl::Duration patience,
                           const std::function<void(absl::Duration)>& sleep) {
  absl::Duration waited = absl::ZeroDuration();
  absl::Duration own_delay = kDelayMin;
  while (true) {
    absl::Status status = call();
    if (status.ok() || !MayPass(status) || waited >= patience) return status;
    const absl::Duration asked =
        base::GetErrorDetails(status).retry_delay.value_or(absl::ZeroDuration());
    const absl::Duration delay = std::max(asked, own_delay);
    sleep(delay);
    waited += delay;
    own_delay = std::min(own_delay * 2, kDelayMax);
  }
}

}  // namespace snapledger::cli
