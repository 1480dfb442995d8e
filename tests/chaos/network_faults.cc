// Faults of the network between a service and its database, Snap and its callers.

#include <functional>

#include "tests/chaos/fault.h"

namespace snapledger::chaos {
namespace {

using RelayOf = Relay& (ServiceProcess::*)();

constexpr absl::Duration kLossMin = absl::Seconds(3);
constexpr absl::Duration kLossMax = absl::Seconds(10);
// A commit or an answer comes within this time where there is load.
constexpr absl::Duration kLookEvery = absl::Milliseconds(100);
constexpr int kLooksMax = 100;

// Waits until what is counted has grown by `more`, within bounds.
bool AwaitGrowth(Stage& stage, const std::function<int64_t()>& count, int64_t more) {
  const int64_t before = count();
  for (int looks = 0; looks < kLooksMax && count() < before + more; ++looks) {
    if (!stage.Hold(kLookEvery)) break;
  }
  return count() > before;
}

bool CutConnections(RelayOf relay_of, Stage& stage, FaultRandom& random) {
  const OccupiedService service(stage, random);
  Relay& relay = ((*service).*relay_of)();
  int cut = 0;
  for (int times = Pick(random, 1, 3); times > 0; --times) {
    cut += relay.Cut();
    stage.Hold(PickTime(random, absl::ZeroDuration(), absl::Seconds(1)));
  }
  return cut > 0;
}

bool Refuse(RelayOf relay_of, Stage& stage, FaultRandom& random) {
  const OccupiedService service(stage, random);
  Relay& relay = ((*service).*relay_of)();
  const int64_t before = relay.counts().refused;
  relay.SetRefusing(true);
  relay.Cut();
  stage.Hold(PickTime(random, absl::Seconds(1), absl::Seconds(6)));
  relay.SetRefusing(false);
  return relay.counts().refused > before;
}

bool Delay(RelayOf relay_of, absl::Duration low, absl::Duration high, Stage& stage,
           FaultRandom& random) {
  const OccupiedService service(stage, random);
  Relay& relay = ((*service).*relay_of)();
  const int64_t before = relay.counts().bytes_delayed;
  relay.SetDelay(PickTime(random, low, high));
  stage.Hold(PickTime(random, absl::Seconds(3), absl::Seconds(8)));
  relay.SetDelay(absl::ZeroDuration());
  return relay.counts().bytes_delayed > before;
}

bool LoseBytes(RelayOf relay_of, Direction direction, Stage& stage, FaultRandom& random) {
  const OccupiedService service(stage, random);
  Relay& relay = ((*service).*relay_of)();
  const int64_t before = relay.counts().bytes_lost;
  relay.SetLoss(direction, true);
  stage.Hold(PickTime(random, kLossMin, kLossMax));
  relay.SetLoss(direction, false);
  return relay.counts().bytes_lost > before;
}

bool LoseCommitAnswers(Stage& stage, FaultRandom& random) {
  const OccupiedService service(stage, random);
  Relay& relay = service->to_database();
  const int count = Pick(random, 1, 4);
  relay.LoseCommitAnswers(count);
  const bool lost = AwaitGrowth(
      stage, [&relay] { return relay.counts().commit_answers_lost; }, count);
  relay.LoseCommitAnswers(0);
  return lost;
}

bool LoseAnswers(RelayOf relay_of, Stage& stage, FaultRandom& random) {
  const OccupiedService service(stage, random);
  Relay& relay = ((*service).*relay_of)();
  const int count = Pick(random, 1, 10);
  relay.LoseAnswers(count);
  const bool lost = AwaitGrowth(
      stage, [&relay] { return relay.counts().answers_lost; }, count);
  relay.LoseAnswers(0);
  return lost;
}

FaultKind Kind(const char* name, std::function<bool(Stage&, FaultRandom&)> inflict) {
  return {name, FaultPlace::kService, std::move(inflict)};
}

}  // namespace

std::vector<FaultKind> NetworkFaults() {
  using std::placeholders::_1;
  using std::placeholders::_2;
  const RelayOf database = &ServiceProcess::to_database;
  const RelayOf snap = &ServiceProcess::to_snap;
  const RelayOf callers = &ServiceProcess::to_service;
  const absl::Duration short_delay = absl::Milliseconds(200);
  return {
      Kind("database-cut", std::bind(CutConnections, database, _1, _2)),
      Kind("database-refused", std::bind(Refuse, database, _1, _2)),
      Kind("database-delay", std::bind(Delay, database, short_delay, short_delay * 5, _1, _2)),
      Kind("database-loss-toward", std::bind(LoseBytes, database, Direction::kToward, _1, _2)),
      Kind("database-loss-from", std::bind(LoseBytes, database, Direction::kFrom, _1, _2)),
      Kind("commit-answer-lost", LoseCommitAnswers),
      Kind("snap-cut", std::bind(CutConnections, snap, _1, _2)),
      Kind("snap-refused", std::bind(Refuse, snap, _1, _2)),
      Kind("snap-delay", std::bind(Delay, snap, short_delay, short_delay * 10, _1, _2)),
      Kind("snap-loss-toward", std::bind(LoseBytes, snap, Direction::kToward, _1, _2)),
      Kind("snap-loss-from", std::bind(LoseBytes, snap, Direction::kFrom, _1, _2)),
      Kind("snap-answer-lost", std::bind(LoseAnswers, snap, _1, _2)),
      Kind("caller-cut", std::bind(CutConnections, callers, _1, _2)),
      Kind("caller-answer-lost", std::bind(LoseAnswers, callers, _1, _2)),
  };
}

}  // namespace snapledger::chaos
