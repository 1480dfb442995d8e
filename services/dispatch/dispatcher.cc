#include "services/dispatch/dispatcher.h"

#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/base/log.h"
#include "services/base/periodic.h"
#include "services/dispatch/held_probe.h"
#include "services/dispatch/lane.h"

namespace snapledger::dispatch {

class Dispatcher::Impl {
 public:
  Impl(const Dependencies& dependencies, Options options)
      : options_(std::move(options)),
        dependencies_{dependencies.ledger,
                      dependencies.destinations,
                      dependencies.directory,
                      dependencies.envelope,
                      dependencies.snap,
                      dependencies.clock,
                      [this](absl::Duration duration) { return WaitUnlessStopping(duration); }},
        probe_(dependencies_),
        poller_({.name = "dispatch-poll", .interval = options_.poll_interval},
                [this] { PollOnce(); }),
        prober_({.name = "dispatch-probe", .interval = options_.probe_interval},
                [this] { probe_.RunOnce(); }) {}

  // Workers need the mutex no more than to see that the process stops; lanes join them.
  ~Impl() { Stop(); }

  void Stop() {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    for (auto& [shard, lane] : lanes_) lane->Stop();
  }

  void Nudge(const std::vector<int32_t>& shards) {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return;
    for (const int32_t shard : shards) {
      const auto found = lanes_.find(shard);
      if (found == lanes_.end()) {
        // A destination that is new to this process: the poll makes its lane.
        poller_.Nudge();
      } else {
        found->second->Wake();
      }
    }
  }

 private:
  bool WaitUnlessStopping(absl::Duration duration) {
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), duration);
    return !stopping_;
  }

  void PollOnce() {
    const std::vector<destinations::DestinationPtr> all = dependencies_.directory.List();
    EndLanes(all);
    const std::vector<int32_t> shards = EnsureLanes(all);
    if (shards.empty()) return;
    const absl::StatusOr<std::vector<int32_t>> due = dependencies_.ledger.DueShards(shards);
    if (!due.ok()) {
      base::Log(base::Severity::kWarning, "cannot ask what is due",
                {{"error", due.status().ToString()}});
      return;
    }
    Nudge(*due);
  }

  // Ends the lanes of destinations that were deleted.
  void EndLanes(const std::vector<destinations::DestinationPtr>& all) {
    std::set<int32_t> shards;
    std::set<std::string> ids;
    for (const destinations::DestinationPtr& destination : all) {
      ids.insert(destination->stored.destination_id);
      shards.insert(destination->stored.shards.begin(), destination->stored.shards.end());
    }
    // Destroyed without the mutex: a lane waits for its workers, who may want it.
    std::map<int32_t, std::unique_ptr<Lane>> ended;
    absl::MutexLock lock(&mutex_);
    for (auto lane = lanes_.begin(); lane != lanes_.end();) {
      const auto next = std::next(lane);
      if (!shards.contains(lane->first)) ended.insert(lanes_.extract(lane));
      lane = next;
    }
    std::erase_if(send_states_, [&ids](const auto& state) { return !ids.contains(state.first); });
  }

  // A lane for every shard there is; returns the shards of destinations that are not paused.
  std::vector<int32_t> EnsureLanes(const std::vector<destinations::DestinationPtr>& all) {
    std::vector<int32_t> shards;
    absl::MutexLock lock(&mutex_);
    for (const destinations::DestinationPtr& destination : all) {
      const bool paused = destination->stored.pause_kind != storage::PauseKind::kNone;
      for (const int32_t shard : destination->stored.shards) {
        std::unique_ptr<Lane>& lane = lanes_[shard];
        if (lane == nullptr) lane = MakeLane(destination->stored.destination_id, shard);
        if (!paused) shards.push_back(shard);
      }
    }
    return shards;
  }

  std::unique_ptr<Lane> MakeLane(const std::string& destination_id, int32_t shard)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::shared_ptr<SendState>& state = send_states_[destination_id];
    if (state == nullptr) state = std::make_shared<SendState>();
    return std::make_unique<Lane>(destination_id, shard, dependencies_, options_.retry_policy,
                                  state);
  }

  const Options options_;
  const DeliveryPass::Dependencies dependencies_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, std::shared_ptr<SendState>> send_states_ ABSL_GUARDED_BY(mutex_);
  std::map<int32_t, std::unique_ptr<Lane>> lanes_ ABSL_GUARDED_BY(mutex_);
  HeldProbe probe_;
  base::Periodic poller_;
  base::Periodic prober_;
};

Dispatcher::Dispatcher(Dependencies dependencies, Options options)
    : impl_(std::make_unique<Impl>(dependencies, std::move(options))) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::Stop() { impl_->Stop(); }

void Dispatcher::Nudge(const std::vector<int32_t>& shards) { impl_->Nudge(shards); }

}  // namespace snapledger::dispatch
