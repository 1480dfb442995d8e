#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <deque>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/base/metrics.h"
#include "services/ingest/ingest.h"
#include "services/rpc/readiness.h"
#include "snapledger/v1/conversion_service.pb.h"

namespace snapledger::rpc {

// One StreamEvents call. Each message is recorded like a RecordEvents of its own; up to kWindow of
// them are on their way at once, so that they share group commits, and the answers go out in the
// order of the messages, each after its durable commit. While the window is full nothing is read:
// gRPC's flow control then holds the caller. After the caller's half-close everything read is
// answered before the call ends. No thread belongs to a stream. Deletes itself.
class StreamEventsReactor final
    : public grpc::ServerBidiReactor<v1::StreamEventsRequest, v1::StreamEventsResponse> {
 public:
  static constexpr size_t kWindow = 8;

  // What ingest and readiness name must outlive the call.
  StreamEventsReactor(ingest::Ingest& ingest, Readiness& readiness, base::Metrics& metrics);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

 private:
  struct Exchange {
    v1::StreamEventsRequest request;
    v1::RecordEventsResponse recorded;
    v1::StreamEventsResponse response;
    bool answered = false;
  };

  void Recorded(Exchange* exchange, const absl::Status& status);
  // Starts the next read and write. True, once: the call is to End, outside the lock, for nothing
  // of this may be touched after.
  bool Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void End();

  ingest::Ingest& ingest_;
  Readiness& readiness_;
  base::Metrics& metrics_;
  absl::Mutex mutex_;
  // In the order of the messages; the last one is being read into while `reading_`.
  std::deque<std::unique_ptr<Exchange>> exchanges_ ABSL_GUARDED_BY(mutex_);
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mutex_) = false;  // the caller sends no more
  // The caller is gone: answers reach nobody. Settled once Advance said that the call ends.
  bool broken_ = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace snapledger::rpc
