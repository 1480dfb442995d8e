#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/executor.h"
#include "services/query/event_watch.h"
#include "services/rpc/watch_events.h"
#include "snapledger/v1/conversion_service.pb.h"

namespace snapledger::rpc {

// The WatchEvents calls of this process: a bounded number, read by threads of their own, so that
// watching never keeps other queries waiting. Thread-safe. Must outlive the calls.
class OpenWatches {
 public:
  static constexpr size_t kWatchesMax = 64;

  // What the sources name must outlive this.
  explicit OpenWatches(const query::WatchSources& sources) : sources_(sources) {}

  // Serves one call; RESOURCE_EXHAUSTED where kWatchesMax are open.
  grpc::ServerWriteReactor<v1::WatchEventsResponse>* Serve(grpc::CallbackServerContext* context,
                                                           const v1::WatchEventsRequest& request);

  // Takes no more watches and ends those that are open with UNAVAILABLE, so that their callers go
  // on elsewhere. A call that has not ended after `patience`, because its caller does not read, is
  // cut off.
  void End(absl::Duration patience);

 private:
  void Forget(WatchEventsReactor* reactor);
  bool NoneOpen() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return open_.empty(); }

  const query::WatchSources sources_;
  absl::Mutex mutex_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<WatchEventsReactor*> open_ ABSL_GUARDED_BY(mutex_);
  base::Executor executor_{{.name = "watch", .thread_count = 2, .queue_limit = kWatchesMax + 1}};
};

}  // namespace snapledger::rpc
