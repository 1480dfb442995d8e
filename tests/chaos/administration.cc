#include "tests/chaos/administration.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "tests/chaos/grpc_channel.h"

namespace snapledger::chaos {
namespace {

// A service that is away, or stopped, must not hold up the question to another.
constexpr absl::Duration kTryTime = absl::Seconds(2);

}  // namespace

Administration::Administration(const std::vector<std::string>& addresses) {
  for (const std::string& address : addresses) {
    const auto channel = ImpatientChannel(address);
    services_.push_back(
        {v1::AdminService::NewStub(channel), v1::ConversionService::NewStub(channel)});
  }
}

template <typename Call>
bool Administration::Try(absl::Duration time_max, Call call) {
  const absl::Time end = absl::Now() + time_max;
  for (;;) {
    Stubs* stubs = nullptr;
    {
      absl::MutexLock lock(&mutex_);
      stubs = &services_[next_];
    }
    const absl::Time deadline = std::min(end, absl::Now() + kTryTime);
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(deadline));
    context.set_wait_for_ready(true);
    if (call(*stubs, &context).ok()) return true;
    if (absl::Now() >= end) return false;
    absl::MutexLock lock(&mutex_);
    next_ = (next_ + 1) % services_.size();
  }
}

bool Administration::CreateDestination(const v1::CreateDestinationRequest& request,
                                       absl::Duration time_max) {
  return Try(time_max, [&](Stubs& stubs, grpc::ClientContext* context) {
    v1::CreateDestinationResponse response;
    const grpc::Status status = stubs.admin->CreateDestination(context, request, &response);
    // A try before this one may have made it, unknown to us.
    return status.error_code() == grpc::StatusCode::ALREADY_EXISTS ? grpc::Status::OK : status;
  });
}

bool Administration::Pause(const std::string& destination, absl::Duration time_max) {
  return Try(time_max, [&](Stubs& stubs, grpc::ClientContext* context) {
    v1::PauseDestinationRequest request;
    request.set_destination_id(destination);
    request.set_reason("chaos");
    v1::PauseDestinationResponse response;
    return stubs.admin->PauseDestination(context, request, &response);
  });
}

bool Administration::Resume(const std::string& destination, absl::Duration time_max) {
  return Try(time_max, [&](Stubs& stubs, grpc::ClientContext* context) {
    v1::ResumeDestinationRequest request;
    request.set_destination_id(destination);
    v1::ResumeDestinationResponse response;
    return stubs.admin->ResumeDestination(context, request, &response);
  });
}

std::optional<v1::Destination> Administration::Get(const std::string& destination,
                                                   absl::Duration time_max) {
  v1::GetDestinationResponse response;
  const bool done = Try(time_max, [&](Stubs& stubs, grpc::ClientContext* context) {
    v1::GetDestinationRequest request;
    request.set_destination_id(destination);
    return stubs.admin->GetDestination(context, request, &response);
  });
  if (!done) return std::nullopt;
  return response.destination();
}

bool Administration::SetLanes(const std::string& destination, int lanes, absl::Duration time_max) {
  const std::optional<v1::Destination> present = Get(destination, time_max);
  if (!present.has_value()) return false;
  return Try(time_max, [&](Stubs& stubs, grpc::ClientContext* context) {
    v1::UpdateDestinationRequest request;
    request.set_destination_id(destination);
    request.set_display_name(present->display_name());
    *request.mutable_settings() = present->settings();
    request.mutable_settings()->set_lane_count(lanes);
    v1::UpdateDestinationResponse response;
    return stubs.admin->UpdateDestination(context, request, &response);
  });
}

std::optional<Administration::StateCounts> Administration::CountStates(absl::Duration time_max) {
  v1::GetDeliveryStatsResponse response;
  const bool done = Try(time_max, [&](Stubs& stubs, grpc::ClientContext* context) {
    return stubs.conversions->GetDeliveryStats(context, {}, &response);
  });
  if (!done) return std::nullopt;
  StateCounts counts;
  for (const v1::DestinationDelivery& delivery : response.destinations()) {
    for (const v1::StateCount& count : delivery.counts()) counts[count.state()] += count.count();
  }
  return counts;
}

}  // namespace snapledger::chaos
