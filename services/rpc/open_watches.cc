#include "services/rpc/open_watches.h"

#include "services/base/error_details.h"
#include "services/base/text.h"
#include "services/rpc/refusal.h"
#include "services/rpc/status_mapping.h"

namespace snapledger::rpc {
namespace {

constexpr absl::Duration kRetryWhenFull = absl::Seconds(5);
constexpr absl::Duration kRetryElsewhere = absl::Milliseconds(500);

absl::Status Ending() {
  return base::UnavailableError(base::ErrorReason::kProcessEnding,
                                "this process is ending; watch again with the last resume token",
                                kRetryElsewhere);
}

}  // namespace

grpc::ServerWriteReactor<v1::WatchEventsResponse>* OpenWatches::Serve(
    grpc::CallbackServerContext* context, const v1::WatchEventsRequest& request) {
  absl::Status refused;
  WatchEventsReactor* reactor = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    if (ending_) {
      refused = Ending();
    } else if (open_.size() >= kWatchesMax) {
      refused = base::ExhaustedError(
          base::ErrorReason::kWatchesFull, "watches",
          base::Concat(kWatchesMax, " watches are open; repeat later or ask another process"),
          kRetryWhenFull);
    } else {
      reactor = new WatchEventsReactor(context, request, sources_, executor_,
                                       [this](WatchEventsReactor* done) { Forget(done); });
      open_.insert(reactor);
    }
  }
  if (reactor == nullptr) {
    return new RefusedWrites<v1::WatchEventsResponse>(ToGrpcStatus(refused, "WatchEvents"));
  }
  reactor->Begin();
  return reactor;
}

void OpenWatches::Forget(WatchEventsReactor* reactor) {
  absl::MutexLock lock(&mutex_);
  open_.erase(reactor);
}

void OpenWatches::End(absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  ending_ = true;
  for (WatchEventsReactor* const reactor : open_) reactor->End(Ending());
  if (mutex_.AwaitWithTimeout(absl::Condition(this, &OpenWatches::NoneOpen), patience)) return;
  for (WatchEventsReactor* const reactor : open_) reactor->Cut();
}

}  // namespace snapledger::rpc
