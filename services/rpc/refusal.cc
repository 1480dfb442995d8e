#include "services/rpc/refusal.h"

#include <string>

#include "services/base/error_details.h"
#include "services/base/text.h"

namespace snapledger::rpc {

absl::Status NotServedYet(std::string_view method) {
  absl::Status status = absl::UnimplementedError(
      base::Concat(method, " is declared, but this release does not serve it yet"));
  base::ErrorDetails details;
  details.reason = base::ErrorReason::kNotServedYet;
  base::SetErrorDetails(details, &status);
  return status;
}

absl::Status RoleNotServed(std::string_view method, std::string_view role) {
  return base::FailedPreconditionError(
      base::ErrorReason::kRoleNotServed, "roles",
      base::Concat(method, " needs a process with the role ", role, "; this one has it not"));
}

}  // namespace snapledger::rpc
