#include "services/bench/client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "snapledger/v1/admin_service.grpc.pb.h"

namespace snapledger::bench {
namespace {

constexpr int kChannels = 4;
constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kRecordEvents[] = "/snapledger.v1.ConversionService/RecordEvents";
constexpr char kToken[] = "token-of-the-measurement";
// The highest a destination may have.
constexpr double kRequestsPerSecond = 1000;

absl::Status FromGrpc(const grpc::Status& status, std::string_view call) {
  if (status.ok()) return absl::OkStatus();
  return absl::UnavailableError(base::Concat(call, ": ", status.error_message(), " (gRPC code ",
                                             static_cast<int>(status.error_code()), ")"));
}

// One call at a time, with its messages kept for the next.
template <typename Request, typename Response>
struct Slot {
  std::optional<grpc::ClientContext> context;
  Request request;
  Response response;

  grpc::ClientContext* Fresh() {
    context.emplace();
    return &*context;
  }
};

absl::Status CheckAccepted(int event_count,
                           const google::protobuf::RepeatedPtrField<v1::EventVerdict>& verdicts) {
  if (verdicts.size() != event_count) {
    return absl::InternalError("an answer with another number of verdicts than events");
  }
  for (const v1::EventVerdict& verdict : verdicts) {
    if (verdict.outcome() != v1::OUTCOME_ACCEPTED) {
      return absl::InternalError(base::Concat("event ", verdict.event_id(), " was not accepted: ",
                                              v1::Outcome_Name(verdict.outcome())));
    }
  }
  return absl::OkStatus();
}

// Of a call with one event.
absl::Status CheckAccepted(const grpc::ByteBuffer& answer) {
  grpc::Slice bytes;
  v1::RecordEventsResponse response;
  if (!answer.DumpToSingleSlice(&bytes).ok() ||
      !response.ParseFromArray(bytes.begin(), static_cast<int>(bytes.size()))) {
    return absl::InternalError("an answer that is no RecordEventsResponse");
  }
  return CheckAccepted(1, response.verdicts());
}

template <typename Request, typename Response>
absl::Status CallAdmin(const std::shared_ptr<grpc::Channel>& channel,
                       grpc::Status (v1::AdminService::Stub::*method)(grpc::ClientContext*,
                                                                      const Request&, Response*),
                       const Request& request) {
  v1::AdminService::Stub stub(channel);
  grpc::ClientContext context;
  Response response;
  return FromGrpc((stub.*method)(&context, request, &response), "administration");
}

}  // namespace

Client::Client(const std::string& address, const PayloadCorpus& corpus) : corpus_(corpus) {
  for (int i = 0; i < kChannels; ++i) {
    grpc::ChannelArguments arguments;
    // Otherwise channels to one address share one connection.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channels_.push_back(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
    stubs_.push_back(v1::ConversionService::NewStub(channels_.back()));
  }
}

absl::Status Client::CreateDestinations() {
  for (const char* const id : {kPixelId, kAppId}) {
    v1::CreateDestinationRequest request;
    request.set_destination_id(id);
    request.set_kind(id == kPixelId ? v1::DESTINATION_KIND_PIXEL : v1::DESTINATION_KIND_APP);
    request.set_display_name("measurement");
    request.set_access_token(kToken);
    request.mutable_settings()->set_max_requests_per_second(kRequestsPerSecond);
    SNAPLEDGER_RETURN_IF_ERROR(
        CallAdmin(channels_[0], &v1::AdminService::Stub::CreateDestination, request));
  }
  return absl::OkStatus();
}

absl::Status Client::PauseDestinations() {
  for (const char* const id : {kPixelId, kAppId}) {
    v1::PauseDestinationRequest request;
    request.set_destination_id(id);
    request.set_reason("measurement");
    SNAPLEDGER_RETURN_IF_ERROR(
        CallAdmin(channels_[0], &v1::AdminService::Stub::PauseDestination, request));
  }
  return absl::OkStatus();
}

absl::Status Client::ResumeDestinations() {
  for (const char* const id : {kPixelId, kAppId}) {
    v1::ResumeDestinationRequest request;
    request.set_destination_id(id);
    SNAPLEDGER_RETURN_IF_ERROR(
        CallAdmin(channels_[0], &v1::AdminService::Stub::ResumeDestination, request));
  }
  return absl::OkStatus();
}

std::vector<std::unique_ptr<grpc::GenericStub>> Client::GenericStubs() const {
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
  for (const auto& channel : channels_) {
    stubs.push_back(std::make_unique<grpc::GenericStub>(channel));
  }
  return stubs;
}

absl::StatusOr<LoadResult> Client::Record(const Recording& recording) {
  std::vector<Slot<v1::RecordEventsRequest, v1::RecordEventsResponse>> slots(
      static_cast<size_t>(recording.shape.concurrency));
  return RunLoad(recording.shape, [&](int slot_number, int64_t number, CallDone done) {
    auto& slot = slots[static_cast<size_t>(slot_number)];
    corpus_.Fill(recording.phase, number, recording.events_per_call, &slot.request);
    StubOf(slot_number)
        .async()
        ->RecordEvents(
            slot.Fresh(), &slot.request, &slot.response,
            [&slot, done = std::move(done)](const grpc::Status& status) {
              absl::Status result = FromGrpc(status, "RecordEvents");
              result.Update(CheckAccepted(slot.request.events_size(), slot.response.verdicts()));
              done(result);
            });
  });
}

absl::StatusOr<LoadResult> Client::RecordSerialized(const Recording& recording) {
  std::vector<Slot<grpc::ByteBuffer, grpc::ByteBuffer>> slots(
      static_cast<size_t>(recording.shape.concurrency));
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs = GenericStubs();
  return RunLoad(recording.shape, [&](int slot_number, int64_t number, CallDone done) {
    auto& slot = slots[static_cast<size_t>(slot_number)];
    slot.request = corpus_.SerializedCall(recording.phase, number);
    stubs[static_cast<size_t>(slot_number) % stubs.size()]->UnaryCall(
        slot.Fresh(), kRecordEvents, {}, &slot.request, &slot.response,
        [&slot, done = std::move(done)](const grpc::Status& status) {
          absl::Status result = FromGrpc(status, "RecordEvents");
          if (result.ok()) result = CheckAccepted(slot.response);
          done(result);
        });
  });
}

absl::StatusOr<LoadResult> Client::AskStatus(const LoadShape& shape, const Recorded& recorded) {
  // A stride without a common divisor with the count visits all of it before it repeats.
  constexpr int64_t kStride = 1'000'003;
  std::vector<Slot<v1::GetEventRequest, v1::GetEventResponse>> slots(
      static_cast<size_t>(shape.concurrency));
  const int64_t events = recorded.calls * recorded.events_per_call;
  return RunLoad(shape, [&](int slot_number, int64_t number, CallDone done) {
    auto& slot = slots[static_cast<size_t>(slot_number)];
    const int64_t event = number * kStride % events;
    slot.request.set_destination(PayloadCorpus::DestinationOf(event / recorded.events_per_call));
    slot.request.set_event_id(corpus_.EventId(recorded.phase, event));
    StubOf(slot_number)
        .async()
        ->GetEvent(slot.Fresh(), &slot.request, &slot.response,
                   [done = std::move(done)](const grpc::Status& status) {
                     done(FromGrpc(status, "GetEvent"));
                   });
  });
}

absl::StatusOr<LoadResult> Client::AskMatchRates(const LoadShape& shape) {
  std::vector<Slot<v1::GetMatchRatesRequest, v1::GetMatchRatesResponse>> slots(
      static_cast<size_t>(shape.concurrency));
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  for (auto& slot : slots) {
    slot.request.set_destination(kPixelId);
    slot.request.mutable_received()->mutable_start_time()->set_seconds(now - 24 * 3600);
    slot.request.mutable_received()->mutable_end_time()->set_seconds(now + 3600);
    slot.request.add_group_by(v1::GROUPING_HOUR);
    slot.request.add_measures(v1::MEASURE_COVERAGE);
  }
  return RunLoad(shape, [&](int slot_number, int64_t /*number*/, CallDone done) {
    auto& slot = slots[static_cast<size_t>(slot_number)];
    StubOf(slot_number)
        .async()
        ->GetMatchRates(slot.Fresh(), &slot.request, &slot.response,
                        [&slot, done = std::move(done)](const grpc::Status& status) {
                          absl::Status result = FromGrpc(status, "GetMatchRates");
                          if (result.ok() && slot.response.rows().empty()) {
                            result = absl::InternalError("GetMatchRates gave no row");
                          }
                          done(result);
                        });
  });
}

absl::StatusOr<LoadResult> Client::CallNothing(const LoadShape& shape) {
  std::vector<Slot<grpc::ByteBuffer, grpc::ByteBuffer>> slots(
      static_cast<size_t>(shape.concurrency));
  const grpc::Slice nothing("");
  for (auto& slot : slots) slot.request = grpc::ByteBuffer(&nothing, 1);
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs = GenericStubs();
  return RunLoad(shape, [&](int slot_number, int64_t /*number*/, CallDone done) {
    auto& slot = slots[static_cast<size_t>(slot_number)];
    stubs[static_cast<size_t>(slot_number) % stubs.size()]->UnaryCall(
        slot.Fresh(), kHealthCheck, {}, &slot.request, &slot.response,
        [done = std::move(done)](const grpc::Status& status) { done(FromGrpc(status, "Check")); });
  });
}

absl::StatusOr<int64_t> Client::DeliveredCount() {
  grpc::ClientContext context;
  v1::GetDeliveryStatsResponse response;
  SNAPLEDGER_RETURN_IF_ERROR(
      FromGrpc(stubs_[0]->GetDeliveryStats(&context, {}, &response), "GetDeliveryStats"));
  int64_t delivered = 0;
  for (const v1::DestinationDelivery& delivery : response.destinations()) {
    for (const v1::StateCount& count : delivery.counts()) {
      if (count.state() == v1::DELIVERY_STATE_DELIVERED) delivered += count.count();
    }
  }
  return delivered;
}

}  // namespace snapledger::bench
