#include "tests/simulation/world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/destinations/token_context.h"
#include "services/dispatch/held_probe.h"
#include "services/event/event_key.h"
#include "services/event/lot_codec.h"
#include "storage/rollup.h"

namespace snapledger::simulation {
namespace {

constexpr int kProcesses = 2;
constexpr int kWorkersPerProcess = 2;
constexpr int kCallers = 2;
constexpr int64_t kSwitchesMax = 400'000;
// After the faults everything is settled within this: the backlog by the rate, one longest back-off
// and the parking of isolation groups.
constexpr absl::Duration kSettleTime = absl::Minutes(40);
constexpr absl::Duration kLongPause = absl::Minutes(75);
constexpr absl::Duration kIdle = absl::Milliseconds(700);
constexpr absl::Duration kReapInterval = absl::Seconds(2);
constexpr absl::Duration kOversight = absl::Seconds(3);

storage::Uuid DrawUuid(Random& random) {
  storage::Uuid uuid{};
  for (uint8_t& byte : uuid) byte = static_cast<uint8_t>(random());
  return uuid;
}

storage::DestinationSettings DrawSettings(Random& random) {
  storage::DestinationSettings settings;
  settings.max_requests_per_second = 1 + static_cast<double>(random.Below(10));
  settings.max_events_per_request = static_cast<int32_t>(1 + random.Below(40));
  // The margin of an hour leaves some minutes for sending doubt again.
  settings.dedup_window = absl::Minutes(61 + static_cast<int64_t>(random.Below(10)));
  settings.purchase_dedup_window = settings.dedup_window;
  settings.max_age_web = absl::Minutes(4 + static_cast<int64_t>(random.Below(30)));
  return settings;
}

// With the bug planted the dispatcher knows nothing of the windows Snap keeps.
storage::DestinationSettings BelievedSettings(storage::DestinationSettings settings,
                                              PlantedBug bug) {
  if (bug != PlantedBug::kWindowIgnored) return settings;
  settings.dedup_window = settings.purchase_dedup_window = absl::Hours(48);
  settings.max_age_web = absl::Hours(48);
  return settings;
}

storage::Destination MakeDestination(const storage::DestinationSettings& settings,
                                     const security::Envelope& envelope) {
  storage::Destination destination = {.number = 1, .destination_id = kAsset, .kind = 1};
  destination.settings = settings;
  destination.shards = {kShard};
  destination.tokens.push_back(
      {.token_id = "token-1",
       .sealed =
           envelope
               .SealSecret(base::Secret("simulated"), destinations::TokenContext(kAsset, "token-1"))
               .value()});
  return destination;
}

security::KeyRing MakeKeys() {
  security::KeyRing keys;
  keys.key_encryption_keys[1] = base::Secret(std::string(32, 'k'));
  return keys;
}

struct OfferedEvent {
  std::string id;
  absl::Time time;
};

// A lot of offered events, sealed like a real one.
class Composer final : public storage::LotComposer {
 public:
  Composer(const std::vector<OfferedEvent>& events, security::Envelope& envelope)
      : events_(events), envelope_(envelope) {}

  absl::StatusOr<storage::LotContents> Compose(int32_t shard, int64_t lot_id,
                                               const std::vector<bool>& is_new) override {
    storage::LotContents contents;
    contents.oldest_event_time = absl::InfiniteFuture();
    std::string raw;
    storage::Rollup rollup;
    for (size_t i = 0; i < events_.size(); ++i) {
      if (!is_new[i]) {
        event::AppendEmptyFrame(&raw);
        continue;
      }
      const std::string json = absl::StrCat(R"({"event_id":")", events_[i].id, R"("})");
      event::AppendFrame(
          {.event_time_seconds = absl::ToUnixSeconds(events_[i].time), .name_label = 1}, json,
          &raw);
      ++contents.event_count;
      contents.json_bytes += static_cast<int>(json.size());
      contents.oldest_event_time = std::min(contents.oldest_event_time, events_[i].time);
      ++rollup[{.name_label = 1}];
    }
    contents.rollup = storage::PackRollup(rollup);
    const auto payload = envelope_.SealLot(raw, {.shard = shard, .lot_id = lot_id});
    if (!payload.ok()) return payload.status();
    contents.payload = *payload;
    return contents;
  }

 private:
  const std::vector<OfferedEvent>& events_;
  security::Envelope& envelope_;
};

}  // namespace

struct World::Process {
  Process(World& world, Scheduler::Process process_id)
      : id(process_id),
        clock(world.scheduler_, world.epoch_),
        ledger(world.ledger_, world.scheduler_, world.random_, world.database_faults_, world.bug_),
        snap(world.snap_, world.bug_),
        directory(world.destinations_, world.envelope_),
        dependencies{ledger,
                     world.destinations_,
                     directory,
                     world.envelope_,
                     snap,
                     clock,
                     [&world](absl::Duration wait) {
                       world.scheduler_.Sleep(wait);
                       return true;
                     }} {}

  const Scheduler::Process id;
  ProcessClock clock;
  SimulatedLedger ledger;
  SimulatedSnapClient snap;
  destinations::DestinationDirectory directory;
  const dispatch::DeliveryPass::Dependencies dependencies;
  const dispatch::RetryPolicy retry_policy;
  dispatch::SendState send_state;
};

World::World(uint64_t seed, PlantedBug bug)
    : bug_(bug),
      random_(seed),
      settings_(DrawSettings(random_)),
      ledger_([this] { return DatabaseNow(); }, [this] { return DrawUuid(random_); }),
      snap_(scheduler_, random_, ledger_, epoch_, settings_.max_requests_per_second,
            settings_.dedup_window, violations_),
      keys_(MakeKeys()),
      destinations_(MakeDestination(BelievedSettings(settings_, bug), envelope_), ledger_) {
  ledger_.AddShard(kShard, 1);
  if (bug == PlantedBug::kHalfOpenPassesAll) ledger_.LetAllPassHalfOpen();
  if (bug == PlantedBug::kRateShareIgnored) ledger_.IgnoreRateShare();
  world_process_ = scheduler_.StartProcess();
  faults_end_ = absl::Minutes(1 + static_cast<int64_t>(random_.Below(5)));
  if (random_.Chance(0.05)) {
    long_pause_begin_ = random_.Between(absl::Seconds(20), absl::Minutes(1));
    faults_end_ += kLongPause;
  }
}

World::~World() { scheduler_.KillAll(); }

void World::DrawFaults() {
  const auto sometimes = [this](double strength) {
    return random_.Chance(0.4) ? strength * static_cast<double>(random_.Below(1000)) / 1000 : 0;
  };
  snap_.faults = {.not_sent = sometimes(0.3),
                  .request_lost = sometimes(0.2),
                  .answer_lost = sometimes(0.3),
                  .half_answer = sometimes(0.2),
                  .server_error = sometimes(0.3),
                  .throttled = sometimes(0.2),
                  .unauthorised = sometimes(0.05),
                  .unknown_answer = sometimes(0.1),
                  .validate_names = random_.Chance(0.5),
                  .answer_names = random_.Chance(0.3)};
  database_faults_ = {.unavailable = sometimes(0.2),
                      .commit_unknown = sometimes(0.2),
                      .crash = sometimes(0.02),
                      .pause = sometimes(0.02)};
}

void World::EndFaults() {
  const bool names = snap_.faults.validate_names;
  snap_.faults = {.validate_names = names};
  database_faults_ = {};
}

void World::StartProcess() {
  processes_.push_back(std::make_unique<Process>(*this, scheduler_.StartProcess()));
  Process& process = *processes_.back();
  if (!process.directory.Refresh().ok()) return;
  // A wrong wall clock must not matter.
  if (random_.Chance(0.3)) process.clock.skew = random_.Between(-absl::Hours(72), absl::Hours(72));
  for (int i = 0; i < kWorkersPerProcess; ++i) {
    scheduler_.Spawn(process.id, random_.Between(absl::ZeroDuration(), kIdle),
                     [this, &process] { RunWorker(process); });
  }
  scheduler_.Spawn(process.id, kReapInterval, [this, &process] { RunReaper(process); });
  scheduler_.Spawn(process.id, absl::Seconds(15), [this, &process] { RunProber(process); });
}

void World::RunWorker(Process& process) {
  Random jitter(random_());
  dispatch::DeliveryPass pass(process.dependencies, process.retry_policy, process.send_state,
                              jitter);
  while (true) {
    const auto destination = process.directory.Find(kAsset);
    using Kind = dispatch::DeliveryPass::Result::Kind;
    const dispatch::DeliveryPass::Result result =
        pass.RunOnce(**destination, kShard, [](const auto&) {});
    if (result.kind == Kind::kIdle) scheduler_.Sleep(kIdle);
    if (result.kind == Kind::kWait) {
      const absl::Duration look = long_pause_begin_ ? absl::Seconds(20) : absl::Seconds(1);
      scheduler_.Sleep(std::clamp(result.wait, absl::Milliseconds(1), look));
    }
  }
}

void World::RunReaper(Process& process) {
  while (true) {
    (void)process.ledger.ReapLeases(kShard);
    (void)process.directory.Refresh();
    scheduler_.Sleep(kReapInterval);
  }
}

void World::RunProber(Process& process) {
  dispatch::HeldProbe probe(process.dependencies);
  while (true) {
    probe.RunOnce();
    scheduler_.Sleep(absl::Seconds(15));
  }
}

void World::RunCaller() {
  Random random(random_());
  const absl::Duration rest = long_pause_begin_ ? absl::Minutes(4) : absl::Seconds(12);
  while (scheduler_.Now() < faults_end_) {
    RecordSome(random);
    scheduler_.Sleep(random.Between(absl::Milliseconds(100), rest));
  }
}

void World::RecordSome(Random& random) {
  std::vector<OfferedEvent> events;
  const int count = static_cast<int>(1 + random.Below(random.Chance(0.2) ? 60 : 6));
  for (int i = 0; i < count; ++i) {
    const bool repeated = next_event_ > 0 && random.Chance(0.1);
    const int number = repeated ? static_cast<int>(random.Below(next_event_)) : next_event_++;
    std::string id = absl::StrCat("e", number);
    const bool twice = std::any_of(events.begin(), events.end(),
                                   [&id](const OfferedEvent& other) { return other.id == id; });
    if (twice) continue;
    if (!repeated && random.Chance(0.02)) snap_.refused_events.insert(id);
    offered_.insert(id);
    events.push_back(
        {std::move(id), DatabaseNow() - random.Between(absl::ZeroDuration(), absl::Minutes(3))});
  }
  // The caller is no part of what is killed: only the process that serves it.
  SimulatedLedger ledger(ledger_, scheduler_, random_, database_faults_, bug_);
  Composer composer(events, envelope_);
  storage::NewLot lot = {.shard = kShard, .composer = &composer};
  for (const OfferedEvent& offered : events) {
    lot.events.push_back({.event_key = event::MakeEventKey(offered.id),
                          .content_digest = 1,
                          .event_time = offered.time});
  }
  while (!ledger.Append({lot}).ok()) scheduler_.Sleep(absl::Seconds(1));
  for (const OfferedEvent& offered : events) acknowledged_.insert(offered.id);
}

void World::RunOverseer() {
  while (true) {
    scheduler_.Sleep(long_pause_begin_ ? 5 * kOversight : kOversight);
    CheckBooks();
    int alive = 0;
    for (const auto& process : processes_) alive += scheduler_.Alive(process->id) ? 1 : 0;
    for (; alive < kProcesses; ++alive) {
      ++crashes_;
      StartProcess();
    }
    if (scheduler_.Now() < faults_end_) {
      if (random_.Chance(0.1)) DrawFaults();
    } else {
      EndFaults();
      const bool settled =
          std::all_of(ledger_.slices().begin(), ledger_.slices().end(),
                      [](const auto& entry) { return entry.second.final_time.has_value(); });
      if (settled) return;
    }
  }
}

void World::RunOperator() {
  scheduler_.Sleep(*long_pause_begin_);
  (void)destinations_.Pause(kAsset, storage::PauseKind::kOperator, "looked into", "somebody");
  scheduler_.Sleep(kLongPause);
  (void)destinations_.Resume(kAsset, storage::PauseKind::kNone, "somebody");
}

void World::Run() {
  DrawFaults();
  if (long_pause_begin_) {
    scheduler_.Spawn(world_process_, absl::ZeroDuration(), [this] { RunOperator(); });
  }
  for (int i = 0; i < kProcesses; ++i) StartProcess();
  for (int i = 0; i < kCallers; ++i) {
    const Scheduler::Process caller = scheduler_.StartProcess();
    scheduler_.Spawn(caller, absl::ZeroDuration(), [this] { RunCaller(); });
  }
  bool settled = false;
  scheduler_.Spawn(world_process_, absl::ZeroDuration(), [this, &settled] {
    RunOverseer();
    settled = true;
    settled_at_ = scheduler_.Now();
    for (const auto& process : processes_) scheduler_.Kill(process->id);
  });
  const bool ended = scheduler_.RunUntil(faults_end_ + kSettleTime, kSwitchesMax);
  if (!ended || !settled) violations_.Add("I18 settles", "the backlog did not drain in time");
  CheckBooks();
  if (settled) CheckEnd();
}

}  // namespace snapledger::simulation
