#include "services/rpc/unary_call.h"

#include <utility>

#include "services/base/error_details.h"
#include "services/rpc/status_mapping.h"

namespace snapledger::rpc {
namespace {

constexpr absl::Duration kRetryWhenFull = absl::Milliseconds(500);
// For callers that set no deadline.
constexpr absl::Duration kWaitMax = absl::Seconds(30);

}  // namespace

UnaryCall::UnaryCall(grpc::CallbackServerContext* context, std::string_view method,
                     const CallSurroundings& surroundings)
    : context_(context),
      reactor_(context->DefaultReactor()),
      method_(method),
      surroundings_(&surroundings),
      begin_(surroundings.clock.Monotonic()) {}

absl::Status UnaryCall::StillWanted() const {
  if (context_->IsCancelled()) return absl::CancelledError("the caller has gone");
  const bool late = context_->deadline() <= std::chrono::system_clock::now();
  if (late || surroundings_->clock.Monotonic() - begin_ > kWaitMax) {
    return absl::DeadlineExceededError("the deadline passed before the call could be served");
  }
  return absl::OkStatus();
}

void UnaryCall::Finish(const absl::Status& status) const {
  const grpc::Status answer = ToGrpcStatus(status, method_);
  surroundings_->metrics.CountRpc(method_, CodeName(answer.error_code()),
                                  surroundings_->clock.Monotonic() - begin_);
  reactor_->Finish(answer);
}

grpc::ServerUnaryReactor* UnaryCall::Post(std::function<absl::Status()> work) const {
  grpc::ServerUnaryReactor* const reactor = reactor_;
  const bool posted = surroundings_->executor.TryPost([call = *this, work = std::move(work)] {
    const absl::Status wanted = call.StillWanted();
    call.Finish(wanted.ok() ? work() : wanted);
  });
  if (!posted) {
    Finish(base::ExhaustedError(base::ErrorReason::kQueriesFull, "queries",
                                "too many queries wait; repeat later", kRetryWhenFull));
  }
  return reactor;
}

}  // namespace snapledger::rpc
