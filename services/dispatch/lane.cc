#include "services/dispatch/lane.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "absl/random/random.h"

namespace snapledger::dispatch {
namespace {

constexpr absl::Duration kGateLook = absl::Seconds(1);
// While a lane is being sent from, claims that do not fill a request follow each other by this, so
// that requests, each of which costs a claim and an outcome, carry what has gathered meanwhile.
constexpr absl::Duration kGatherTime = absl::Milliseconds(100);

}  // namespace

Lane::Lane(std::string destination_id, int32_t shard,
           const DeliveryPass::Dependencies& dependencies, const RetryPolicy& retry_policy,
           std::shared_ptr<SendState> state)
    : destination_id_(std::move(destination_id)),
      shard_(shard),
      dependencies_(dependencies),
      retry_policy_(retry_policy),
      state_(std::move(state)) {}

Lane::~Lane() {
  Stop();
  std::vector<std::thread> workers;
  {
    absl::MutexLock lock(&mutex_);
    workers.swap(workers_);
  }
  for (std::thread& worker : workers) worker.join();
}

void Lane::Stop() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
}

int Lane::WorkersMax() const {
  const absl::StatusOr<destinations::DestinationPtr> destination =
      dependencies_.directory.Find(destination_id_);
  if (!destination.ok()) return 1;
  const storage::DestinationSettings& settings = (*destination)->stored.settings;
  return std::max(1, settings.max_in_flight_requests / settings.lane_count);
}

void Lane::Wake() {
  const int workers_max = WorkersMax();
  absl::MutexLock lock(&mutex_);
  if (stopping_ || gated_ || gathering_ || wakes_ > idle_workers_) return;
  const bool somebody_idle = idle_workers_ > wakes_;
  const bool room = static_cast<int>(workers_.size()) < workers_max;
  // Where all are busy and no more are allowed, the first that is done looks again.
  if (!somebody_idle && !room && wakes_ > 0) return;
  ++wakes_;
  if (!somebody_idle && room) StartWorkerLocked();
}

void Lane::StartWorkerLocked() {
  workers_.emplace_back([this] {
    pthread_setname_np(pthread_self(), "delivery");
    RunWorker();
  });
}

bool Lane::AwaitWork() {
  absl::MutexLock lock(&mutex_);
  ++idle_workers_;
  mutex_.Await(absl::Condition(this, &Lane::WokenOrStopping));
  --idle_workers_;
  if (stopping_) return false;
  --wakes_;
  return true;
}

bool Lane::AwaitTurnToClaim() {
  absl::MutexLock lock(&mutex_);
  // What this worker was woken for is claimed by the one that waits.
  if (gathering_) return false;
  gathering_ = true;
  mutex_.AwaitWithTimeout(absl::Condition(this, &Lane::ClaimAtOnceOrStopping),
                          next_claim_ - dependencies_.clock.Monotonic());
  gathering_ = false;
  next_claim_ = dependencies_.clock.Monotonic() + kGatherTime;
  return !stopping_;
}

void Lane::EndGathering() {
  absl::MutexLock lock(&mutex_);
  next_claim_ = -absl::InfiniteDuration();
}

void Lane::NoteClaimed(const DeliveryPass::Claimed& claimed) {
  if (!claimed.gather) EndGathering();
  if (claimed.full_batch) Wake();
}

void Lane::AwaitGate(absl::Duration wait) {
  absl::MutexLock lock(&mutex_);
  // One worker waits for the gate; the others go idle.
  if (gated_) return;
  gated_ = true;
  mutex_.AwaitWithTimeout(absl::Condition(&stopping_), std::min(wait, kGateLook));
  gated_ = false;
  ++wakes_;
}

void Lane::RunWorker() {
  absl::BitGen random;
  DeliveryPass pass(dependencies_, retry_policy_, *state_, random);
  while (AwaitWork()) {
    while (true) {
      const absl::StatusOr<destinations::DestinationPtr> destination =
          dependencies_.directory.Find(destination_id_);
      if (!destination.ok() || !AwaitTurnToClaim()) break;
      const DeliveryPass::Result result = pass.RunOnce(
          **destination, shard_, [this](const auto& claimed) { NoteClaimed(claimed); });
      if (result.kind != DeliveryPass::Result::Kind::kSent) EndGathering();
      if (result.kind == DeliveryPass::Result::Kind::kWait) {
        AwaitGate(result.wait);
        break;
      }
      if (result.kind == DeliveryPass::Result::Kind::kIdle) break;
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
    }
  }
}

}  // namespace snapledger::dispatch
