#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/executor.h"
#include "services/query/event_watch.h"
#include "snapledger/v1/conversion_service.pb.h"

namespace snapledger::rpc {

// One WatchEvents call. It does one thing at a time: a piece of work on the executor, a write, or
// waiting for the time of the next piece. While a write is pending nothing is read, so that a slow
// caller costs no memory. No thread belongs to a watch. Deletes itself.
class WatchEventsReactor final : public grpc::ServerWriteReactor<v1::WatchEventsResponse> {
 public:
  // What the sources name, and the executor, must outlive the call. `on_done` is called last, with
  // this.
  WatchEventsReactor(grpc::CallbackServerContext* context, const v1::WatchEventsRequest& request,
                     const query::WatchSources& sources, base::Executor& executor,
                     std::function<void(WatchEventsReactor*)> on_done);

  // Begins the work; once.
  void Begin();
  // Ends the call as soon as what it is at is over. Thread-safe; not after on_done.
  void End(const absl::Status& status);
  // Cuts the call off, also where the caller does not take what was written.
  void Cut() { context_->TryCancel(); }

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  enum class Doing { kWork, kWrite, kWait, kNothing };

  void Work();
  absl::Status FindMessages();
  // Begins the next thing to do, or finishes the call; nothing of this may be touched after.
  void GoOn();
  bool StartNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  grpc::CallbackServerContext* const context_;
  const v1::WatchEventsRequest request_;
  const query::WatchSources sources_;
  base::Executor& executor_;
  const std::function<void(WatchEventsReactor*)> on_done_;
  // Belong to what is being done: never touched by two threads at once.
  std::unique_ptr<query::EventWatch> watch_;
  std::vector<v1::WatchEventsResponse> messages_;
  size_t next_message_ = 0;
  absl::Duration wait_ = absl::ZeroDuration();

  absl::Mutex mutex_;
  Doing doing_ ABSL_GUARDED_BY(mutex_) = Doing::kNothing;
  grpc::Alarm alarm_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace snapledger::rpc
