#include "tests/e2e/bars.h"

#include <grpcpp/generic/generic_stub.h>
#include <stdlib.h>

#include <algorithm>
#include <map>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

namespace snapledger::e2e {
namespace {

constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kServing[] = {0x08, 0x01};  // HealthCheckResponse{status: SERVING}
constexpr absl::Duration kHealthPatience = absl::Seconds(5);
constexpr absl::Duration kRecordPatience = absl::Seconds(10);

// Never shared with another channel: what it sees is this connection's.
std::shared_ptr<grpc::Channel> NewConnection(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// HealthCheckRequest{service: name}
grpc::ByteBuffer HealthRequest(const std::string& name) {
  const grpc::Slice slice(std::string("\x0a") + static_cast<char>(name.size()) + name);
  return {&slice, 1};
}

std::string Bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace

bool FullSize() {
  const char* const given = getenv("SNAPLEDGER_FULL_SIZE");
  return given != nullptr && *given != 0;
}

bool IsServing(const std::string& address) {
  grpc::GenericStub stub(NewConnection(address));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kHealthPatience));
  const grpc::ByteBuffer request = HealthRequest(v1::ConversionService::service_full_name());
  grpc::ByteBuffer response;
  grpc::Status status;
  absl::Notification done;
  stub.UnaryCall(&context, kHealthCheck, {}, &request, &response, [&](grpc::Status answered) {
    status = std::move(answered);
    done.Notify();
  });
  done.WaitForNotification();
  return status.ok() && Bytes(response) == std::string(kServing, sizeof kServing);
}

bool RecordsOne(const std::string& address, const std::string& destination,
                const v1::ConversionEvent& event) {
  const auto stub = v1::ConversionService::NewStub(NewConnection(address));
  v1::RecordEventsRequest request;
  request.set_destination(destination);
  *request.add_events() = event;
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kRecordPatience));
  v1::RecordEventsResponse response;
  return stub->RecordEvents(&context, request, &response).ok() && response.verdicts_size() == 1 &&
         response.verdicts(0).outcome() == v1::OUTCOME_ACCEPTED;
}

int64_t NotCountedOnce(const Journal& journal, const std::set<std::string>& acknowledged) {
  std::map<std::string, int64_t> counted;
  for (const JournalEvent& event : journal.events) counted[event.event_id] += event.counted ? 1 : 0;
  return std::count_if(acknowledged.begin(), acknowledged.end(),
                       [&](const std::string& id) { return counted[id] != 1; });
}

}  // namespace snapledger::e2e
