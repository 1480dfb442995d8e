#include "tests/e2e/steady_load.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {

SteadyLoad::SteadyLoad(Options options) : options_(std::move(options)) {
  for (int caller = 0; caller < options_.callers; ++caller) {
    threads_.emplace_back([this, caller] { RunCaller(caller); });
  }
}

SteadyLoad::~SteadyLoad() { Stop(); }

SteadyLoad::Tally SteadyLoad::Seen() const {
  absl::MutexLock lock(&mutex_);
  return tally_;
}

SteadyLoad::Tally SteadyLoad::Stop() {
  if (!stop_.HasBeenNotified()) stop_.Notify();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  return Seen();
}

void SteadyLoad::RunCaller(int number) {
  // A connection for each, as callers on several machines have.
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  const auto stub = v1::ConversionService::NewStub(
      grpc::CreateCustomChannel(options_.address, grpc::InsecureChannelCredentials(), arguments));
  support::RealisticEvents generator(static_cast<uint64_t>(number),
                                     options_.id_prefix + std::to_string(number) + "-",
                                     absl::Now());
  absl::Time next = absl::Now() + options_.interval * number / options_.callers;
  while (!stop_.WaitForNotificationWithTimeout(next - absl::Now())) {
    v1::RecordEventsRequest request;
    request.set_destination(options_.destination);
    for (int i = 0; i < options_.events_per_call; ++i) *request.add_events() = generator.Web();
    Call(*stub, request);
    next += options_.interval;
    if (next < absl::Now()) next = absl::Now() + options_.interval;
  }
}

void SteadyLoad::Call(v1::ConversionService::Stub& stub, const v1::RecordEventsRequest& request) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + options_.deadline));
  v1::RecordEventsResponse response;
  const absl::Time begin = absl::Now();
  const grpc::Status status = stub.RecordEvents(&context, request, &response);
  absl::MutexLock lock(&mutex_);
  ++tally_.calls;
  tally_.slowest_call = std::max(tally_.slowest_call, absl::Now() - begin);
  if (!status.ok()) {
    ++tally_.failed_calls[status.error_code()];
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE) {
      tally_.last_failure = status.error_message();
    }
    return;
  }
  for (const v1::EventVerdict& verdict : response.verdicts()) {
    if (verdict.outcome() == v1::OUTCOME_ACCEPTED) {
      tally_.acknowledged.insert(verdict.event_id());
    } else {
      ++tally_.other_verdicts;
    }
  }
}

}  // namespace snapledger::e2e
