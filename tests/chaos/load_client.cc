#include "tests/chaos/load_client.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "services/bench/realistic_events.h"
#include "snapledger/v1/conversion_service.grpc.pb.h"
#include "tests/chaos/grpc_channel.h"

namespace snapledger::chaos {
namespace {

// Older than a clock of the run is ever set back.
constexpr absl::Duration kEventAge = absl::Hours(13);
constexpr std::chrono::seconds kCallTime{10};
// Those named as coming are of the third call from now, and later.
constexpr int64_t kCallsAhead = 3;
constexpr int kBurstEvents = 10;

bool SaysStored(v1::Outcome outcome) {
  return outcome == v1::OUTCOME_ACCEPTED || outcome == v1::OUTCOME_DUPLICATE ||
         outcome == v1::OUTCOME_SUPPRESSED;
}

std::string OutcomeText(v1::Outcome outcome) {
  return std::string(absl::StripPrefix(v1::Outcome_Name(outcome), "OUTCOME_"));
}

}  // namespace

class LoadClient::Caller {
 public:
  Caller(LoadClient& load, const std::string& name, uint64_t seed)
      : load_(load),
        prefix_(absl::StrCat(name, "-")),
        random_(seed),
        // Before any clock of the run: one that is wrong refuses no event for its time.
        events_(seed, prefix_, absl::Now() - kEventAge) {
    for (const std::string& address : load_.options_.addresses) {
      stubs_.push_back(v1::ConversionService::NewStub(ImpatientChannel(address)));
    }
  }

  void Run() {
    const auto callers = static_cast<int64_t>(load_.options_.callers);
    while (load_.AwaitTurn(generated_ * callers)) Record(load_.options_.events_per_call);
  }

  // One call, until it is answered; true where the first try was.
  bool Record(int event_count) {
    v1::RecordEventsRequest request = Invent(event_count);
    for (int tries = 1;; ++tries) {
      if (Try(request)) return tries == 1;
      const int ms = std::uniform_int_distribution<int>(50, 500)(random_);
      if (!load_.AwaitRetry(absl::Milliseconds(ms))) return false;
    }
  }

  std::string IdOf(int64_t number) const { return prefix_ + std::to_string(number); }
  int64_t generated() const { return generated_; }

 private:
  v1::RecordEventsRequest Invent(int event_count) {
    const auto& destinations = load_.options_.destinations;
    const LoadDestination& destination = destinations[calls_++ % destinations.size()];
    v1::RecordEventsRequest request;
    request.set_destination(destination.id);
    for (int i = 0; i < event_count; ++i) {
      *request.add_events() = destination.kind == v1::DESTINATION_KIND_APP ? events_.App()
                              : i % 4 == 3                                 ? events_.Offline()
                                                                           : events_.Web();
    }
    generated_ += event_count;
    return request;
  }

  bool Try(const v1::RecordEventsRequest& request) {
    std::vector<std::string> ids;
    for (const v1::ConversionEvent& event : request.events()) ids.push_back(event.event_id());
    const absl::StatusOr<int64_t> number = load_.log_->NoteCall(request.destination(), ids);
    if (!number.ok()) return false;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kCallTime);
    v1::RecordEventsResponse response;
    v1::ConversionService::Stub& stub = *stubs_[random_() % stubs_.size()];
    const grpc::Status status = stub.RecordEvents(&context, request, &response);
    if (!status.ok() || response.verdicts_size() != request.events_size()) {
      load_.log_->NoteFailure(*number, GrpcCodeText(status)).IgnoreError();
      load_.Note({.failures = 1});
      return false;
    }
    Counts counts = {.calls = 1};
    std::vector<std::string> verdicts;
    for (const v1::EventVerdict& verdict : response.verdicts()) {
      ++(SaysStored(verdict.outcome()) ? counts.acknowledged : counts.refused);
      verdicts.push_back(OutcomeText(verdict.outcome()));
    }
    load_.log_->NoteAnswer(*number, verdicts).IgnoreError();
    load_.Note(counts);
    return true;
  }

  LoadClient& load_;
  const std::string prefix_;
  std::mt19937_64 random_;
  bench::RealisticEvents events_;
  std::vector<std::unique_ptr<v1::ConversionService::Stub>> stubs_;
  uint64_t calls_ = 0;
  std::atomic<int64_t> generated_ = 0;
};

LoadClient::LoadClient(const Options& options) : options_(options), begin_(absl::Now()) {
  absl::StatusOr<std::unique_ptr<checker::LoadLog>> log = checker::LoadLog::Open(options_.log_file);
  if (!log.ok()) throw std::runtime_error(log.status().ToString());
  log_ = *std::move(log);
  {
    absl::MutexLock lock(&mutex_);
    running_ = options_.callers;
  }
  for (int i = 0; i < options_.callers; ++i) {
    callers_.push_back(std::make_unique<Caller>(*this, absl::StrCat("caller", i),
                                                options_.seed * 1000 + static_cast<uint64_t>(i)));
  }
  for (const auto& caller : callers_) {
    threads_.emplace_back([this, caller = caller.get()] {
      caller->Run();
      absl::MutexLock lock(&mutex_);
      --running_;
    });
  }
}

LoadClient::~LoadClient() {
  Stop(absl::ZeroDuration());
  for (std::thread& thread : threads_) thread.join();
}

bool LoadClient::Stop(absl::Duration time_max) {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  const auto done = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return running_ == 0; };
  const bool all_answered = mutex_.AwaitWithTimeout(absl::Condition(&done), time_max);
  giving_up_ = true;
  return all_answered;
}

int LoadClient::Burst(int calls) {
  int64_t burst = 0;
  {
    absl::MutexLock lock(&mutex_);
    burst = ++bursts_;
    running_ += calls;
  }
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < calls; ++i) {
    threads.emplace_back([this, burst, i, &failed] {
      Caller caller(*this, absl::StrCat("burst", burst, "-", i),
                    options_.seed * 1000 + static_cast<uint64_t>(burst * 1'000'000 + i));
      if (!caller.Record(kBurstEvents)) ++failed;
      absl::MutexLock lock(&mutex_);
      --running_;
    });
  }
  for (std::thread& thread : threads) thread.join();
  return failed;
}

std::vector<std::string> LoadClient::ComingIds(int per_caller) const {
  std::vector<std::string> ids;
  for (const auto& caller : callers_) {
    const int64_t from = caller->generated() + kCallsAhead * options_.events_per_call;
    for (int i = 0; i < per_caller; ++i) {
      ids.push_back(caller->IdOf(from + int64_t{i} * options_.events_per_call / 2));
    }
  }
  return ids;
}

std::vector<std::string> LoadClient::RawIdentifiers(int count) const {
  // The same seed gives the same events.
  bench::RealisticEvents events(options_.seed * 1000, "", begin_);
  std::vector<std::string> raw;
  while (raw.size() < static_cast<size_t>(count)) {
    const v1::ConversionEvent event = events.Web();
    for (const auto& identifiers : {event.user_data().email(), event.user_data().phone()}) {
      for (const v1::Identifier& identifier : identifiers) {
        if (!identifier.raw().empty()) raw.push_back(identifier.raw());
      }
    }
  }
  return raw;
}

LoadClient::Counts LoadClient::counts() const {
  absl::MutexLock lock(&mutex_);
  return counts_;
}

void LoadClient::Note(const Counts& more) {
  absl::MutexLock lock(&mutex_);
  counts_.acknowledged += more.acknowledged;
  counts_.refused += more.refused;
  counts_.calls += more.calls;
  counts_.failures += more.failures;
}

bool LoadClient::AwaitTurn(int64_t events_before) {
  const absl::Time due =
      begin_ + absl::Seconds(static_cast<double>(events_before) / options_.events_per_second);
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithDeadline(absl::Condition(&stopping_), due);
  return !stopping_;
}

bool LoadClient::AwaitRetry(absl::Duration pause) {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&giving_up_), pause);
  return !giving_up_;
}

}  // namespace snapledger::chaos
