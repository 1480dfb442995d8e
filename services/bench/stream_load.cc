#include <algorithm>
#include <atomic>
#include <deque>
#include <optional>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/base/clock.h"
#include "services/base/text.h"
#include "services/bench/client.h"
#include "services/bench/interruption.h"

namespace snapledger::bench {
namespace {

// What one stream may have under way.
constexpr int kMessagesOfStreamMax = 8;
constexpr absl::Duration kProgressInterval = absl::Milliseconds(100);

absl::Duration Now() { return base::Clock::Real().Monotonic(); }

class StreamLoad {
 public:
  StreamLoad(const PayloadCorpus& corpus, const Client::Recording& recording)
      : corpus_(corpus), recording_(recording) {}

  absl::StatusOr<LoadResult> Run(
      const std::vector<std::unique_ptr<v1::ConversionService::Stub>>& stubs) {
    const int concurrency = recording_.shape.concurrency;
    const int streams = (concurrency + kMessagesOfStreamMax - 1) / kMessagesOfStreamMax;
    const absl::Duration begin = Now();
    {
      absl::MutexLock lock(&mutex_);
      active_ = streams;
    }
    std::vector<std::thread> threads;
    for (int i = 0; i < streams; ++i) {
      const int in_flight = std::min(kMessagesOfStreamMax, concurrency - i * kMessagesOfStreamMax);
      threads.emplace_back([this, in_flight, stub = stubs[i % stubs.size()].get()] {
        const absl::Status status = RunStream(*stub, in_flight);
        absl::MutexLock lock(&mutex_);
        result_status_.Update(status);
        --active_;
      });
    }
    while (!AwaitEnd()) {
      if (recording_.shape.progress) recording_.shape.progress(done_);
    }
    for (std::thread& thread : threads) thread.join();
    absl::MutexLock lock(&mutex_);
    result_.seconds = absl::ToDoubleSeconds(Now() - begin);
    if (!result_status_.ok()) return result_status_;
    return result_;
  }

 private:
  using Writer = grpc::ClientReaderWriter<v1::StreamEventsRequest, v1::StreamEventsResponse>;

  // Sends the next message; false where there is none.
  bool SendNext(Writer& stream, std::deque<absl::Duration>* sent) {
    const int64_t number = next_++;
    if (number >= recording_.shape.calls || Interrupted()) return false;
    v1::StreamEventsRequest message;
    message.set_sequence(number);
    corpus_.Fill(recording_.phase, number, recording_.events_per_call, message.mutable_record());
    sent->push_back(Now());
    return stream.Write(message);
  }

  absl::Status ReadOne(Writer& stream, std::deque<absl::Duration>* sent) {
    v1::StreamEventsResponse response;
    if (!stream.Read(&response)) return absl::UnavailableError("the stream ended early");
    if (response.error_code() != 0) return absl::UnavailableError(response.error_message());
    for (const v1::EventVerdict& verdict : response.verdicts()) {
      if (verdict.outcome() != v1::OUTCOME_ACCEPTED) {
        return absl::InternalError("an event of a stream was not accepted");
      }
    }
    ++done_;
    absl::MutexLock lock(&mutex_);
    // Answers come in the order of the messages.
    result_.milliseconds.push_back(absl::ToDoubleMilliseconds(Now() - sent->front()));
    sent->pop_front();
    return absl::OkStatus();
  }

  absl::Status RunStream(v1::ConversionService::Stub& stub, int in_flight) {
    grpc::ClientContext context;
    const std::unique_ptr<Writer> stream = stub.StreamEvents(&context);
    std::deque<absl::Duration> sent;
    for (int i = 0; i < in_flight && SendNext(*stream, &sent); ++i) {
    }
    absl::Status status;
    while (status.ok() && !sent.empty()) {
      status = ReadOne(*stream, &sent);
      if (status.ok()) SendNext(*stream, &sent);
    }
    if (!status.ok()) context.TryCancel();
    stream->WritesDone();
    const grpc::Status finished = stream->Finish();
    if (status.ok() && !finished.ok()) {
      status = absl::UnavailableError(base::Concat("StreamEvents: ", finished.error_message()));
    }
    if (status.ok() && Interrupted()) status = absl::AbortedError("interrupted");
    return status;
  }

  bool AwaitEnd() {
    const auto ended = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return active_ == 0; };
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&ended), kProgressInterval);
  }

  const PayloadCorpus& corpus_;
  const Client::Recording& recording_;
  std::atomic<int64_t> next_ = 0;
  std::atomic<int64_t> done_ = 0;
  absl::Mutex mutex_;
  int active_ ABSL_GUARDED_BY(mutex_) = 0;
  LoadResult result_ ABSL_GUARDED_BY(mutex_);
  absl::Status result_status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<LoadResult> Client::Stream(const Recording& recording) {
  return StreamLoad(corpus_, recording).Run(stubs_);
}

}  // namespace snapledger::bench
