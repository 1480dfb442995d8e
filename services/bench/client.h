#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/bench/call_load.h"
#include "services/bench/payload_corpus.h"
#include "snapledger/v1/conversion_service.grpc.pb.h"

namespace snapledger::bench {

// The load a run puts on one service, over a few connections of its own. Thread-safe.
class Client {
 public:
  Client(const std::string& address, const PayloadCorpus& corpus);

  // The destinations of the corpus, without limits that would show in a measurement.
  absl::Status CreateDestinations();
  absl::Status PauseDestinations();
  absl::Status ResumeDestinations();

  struct Recording {
    std::string phase;  // of the corpus
    int events_per_call = 1;
    LoadShape shape;
  };
  // Fails where an event is not ACCEPTED.
  absl::StatusOr<LoadResult> Record(const Recording& recording);
  // The same with one event a call, from events that are serialised already: what remains of the
  // client is what the empty call beside it costs as well.
  absl::StatusOr<LoadResult> RecordSerialized(const Recording& recording);
  // The same by StreamEvents: as many streams as the messages in flight need.
  absl::StatusOr<LoadResult> Stream(const Recording& recording);

  // GetEvent of events spread over the first `calls` calls of a recording.
  struct Recorded {
    std::string phase;
    int events_per_call = 1;
    int64_t calls = 0;
  };
  absl::StatusOr<LoadResult> AskStatus(const LoadShape& shape, const Recorded& recorded);
  // GetMatchRates of the last day, by hour.
  absl::StatusOr<LoadResult> AskMatchRates(const LoadShape& shape);
  // The least a unary call costs this server: the health service's Check.
  absl::StatusOr<LoadResult> CallNothing(const LoadShape& shape);

  // Events of all destinations whose state is DELIVERED.
  absl::StatusOr<int64_t> DeliveredCount();

 private:
  v1::ConversionService::Stub& StubOf(int slot) {
    return *stubs_[static_cast<size_t>(slot) % stubs_.size()];
  }

  std::vector<std::unique_ptr<grpc::GenericStub>> GenericStubs() const;

  const PayloadCorpus& corpus_;
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  std::vector<std::unique_ptr<v1::ConversionService::Stub>> stubs_;
};

}  // namespace snapledger::bench
