#include "services/rpc/watch_events.h"

#include <chrono>
#include <utility>

#include "services/base/check.h"
#include "services/base/status_macros.h"
#include "services/rpc/status_mapping.h"

namespace snapledger::rpc {

WatchEventsReactor::WatchEventsReactor(grpc::CallbackServerContext* context,
                                       const v1::WatchEventsRequest& request,
                                       const query::WatchSources& sources, base::Executor& executor,
                                       std::function<void(WatchEventsReactor*)> on_done)
    : context_(context),
      request_(request),
      sources_(sources),
      executor_(executor),
      on_done_(std::move(on_done)) {}

void WatchEventsReactor::Begin() { GoOn(); }

void WatchEventsReactor::End(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (!end_) end_ = status;
  // Its callback then comes at once; everything else that is being done ends by itself.
  if (doing_ == Doing::kWait) alarm_.Cancel();
}

void WatchEventsReactor::Work() {
  const absl::Status status = FindMessages();
  if (!status.ok()) End(status);
  GoOn();
}

absl::Status WatchEventsReactor::FindMessages() {
  if (watch_ == nullptr) {
    SNAPLEDGER_ASSIGN_OR_RETURN(watch_, query::EventWatch::Begin(sources_, request_));
  }
  messages_.clear();
  next_message_ = 0;
  SNAPLEDGER_ASSIGN_OR_RETURN(wait_, watch_->Step(&messages_));
  return absl::OkStatus();
}

void WatchEventsReactor::GoOn() {
  grpc::Status status;
  {
    absl::MutexLock lock(&mutex_);
    if (StartNext()) return;
    status = ToGrpcStatus(*end_, "WatchEvents");
  }
  Finish(status);
}

// False: the call is to be finished, outside the lock, for nothing of this may be touched after.
bool WatchEventsReactor::StartNext() {
  if (end_) {
    doing_ = Doing::kNothing;
    return false;
  }
  if (next_message_ < messages_.size()) {
    doing_ = Doing::kWrite;
    StartWrite(&messages_[next_message_++]);
  } else if (wait_ > absl::ZeroDuration()) {
    doing_ = Doing::kWait;
    const auto deadline = std::chrono::system_clock::now() + absl::ToChronoMilliseconds(wait_);
    wait_ = absl::ZeroDuration();
    alarm_.Set(deadline, [this](bool) { GoOn(); });
  } else {
    doing_ = Doing::kWork;
    const bool posted = executor_.TryPost([this] { Work(); });
    SNAPLEDGER_CHECK(posted);  // it has room for every watch, and outlives them
  }
  return true;
}

void WatchEventsReactor::OnWriteDone(bool ok) {
  if (!ok) End(absl::CancelledError("the caller has gone"));
  GoOn();
}

void WatchEventsReactor::OnCancel() { End(absl::CancelledError("the caller has gone")); }

void WatchEventsReactor::OnDone() {
  on_done_(this);
  delete this;
}

}  // namespace snapledger::rpc
