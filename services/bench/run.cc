#include "services/bench/run.h"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "services/base/clock.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/bench/client.h"
#include "services/bench/deployment.h"
#include "services/bench/disk_flush.h"
#include "services/bench/interruption.h"
#include "services/bench/meter.h"
#include "services/bench/payload_corpus.h"
#include "services/bench/processor_time.h"
#include "services/cli/terminal.h"

namespace snapledger::bench {
namespace {

// Without dispatch: what is recorded stays, and nothing is delivered beside the measurement.
constexpr char kIntakeRoles[] = "ingest,query,maintenance";
constexpr char kAllRoles[] = "ingest,query,dispatch,maintenance";

constexpr char kHistory[] = "history0";
constexpr char kBacklog[] = "backlog0";
constexpr char kMeasured[] = "measure";  // and the number of the round
constexpr char kBeside[] = "beside00";

constexpr int kSetUpCallEvents = 500;
constexpr int kSetUpCallsInFlight = 8;
constexpr int64_t kNoopCalls = 60'000;
constexpr absl::Duration kDeliveryMax = absl::Hours(2);
constexpr absl::Duration kAskInterval = absl::Milliseconds(5);

int64_t CallsFor(int64_t events, int events_per_call) {
  return (events + events_per_call - 1) / events_per_call;
}

class BenchRun {
 public:
  explicit BenchRun(const Options& options)
      : options_(options), corpus_(options.seed, absl::Now()) {}

  absl::Status Go(const std::function<void(const Report&)>& report) {
    SNAPLEDGER_ASSIGN_OR_RETURN(deployment_, Deployment::Start(options_));
    SNAPLEDGER_RETURN_IF_ERROR(MakeHistory());
    SNAPLEDGER_RETURN_IF_ERROR(MakeBacklog());
    for (; round_ < options_.rounds; ++round_) {
      report_ = {};
      report_.server_version = deployment_->database().server_version();
      report_.snap_bytes = corpus_.MeanSnapBytes();
      SNAPLEDGER_RETURN_IF_ERROR(Measure());
      SNAPLEDGER_ASSIGN_OR_RETURN(const int64_t lots, deployment_->database().LotCount());
      report_.lot_events =
          static_cast<double>(recorded_) / static_cast<double>(std::max<int64_t>(lots, 1));
      report(report_);
    }
    return absl::OkStatus();
  }

 private:
  absl::Status StartService(const char* roles) {
    client_.reset();
    SNAPLEDGER_RETURN_IF_ERROR(deployment_->StartService(roles));
    client_ = std::make_unique<Client>(deployment_->service().address(), corpus_);
    return absl::OkStatus();
  }

  // `progress` outlives the load it is shown for.
  LoadShape Shape(int64_t calls, int concurrency, int events_per_call, cli::ProgressBar* progress) {
    return {.calls = calls,
            .concurrency = static_cast<int>(std::min<int64_t>(concurrency, calls)),
            .progress = [progress, calls, events_per_call](int64_t done) {
              progress->Update(calls == 0 ? 0 : done, done * events_per_call);
            }};
  }

  absl::Status RecordBeforehand(const char* phase, int64_t events, int events_per_call,
                                int concurrency) {
    const int64_t calls = CallsFor(events, events_per_call);
    cli::ProgressBar progress(calls);
    recorded_ += calls * events_per_call;
    return client_
        ->Record({.phase = phase,
                  .events_per_call = events_per_call,
                  .shape = Shape(calls, concurrency, events_per_call, &progress)})
        .status();
  }

  absl::Status MakeHistory() {
    SNAPLEDGER_RETURN_IF_ERROR(StartService(options_.history > 0 ? kAllRoles : kIntakeRoles));
    SNAPLEDGER_RETURN_IF_ERROR(client_->CreateDestinations());
    if (options_.history == 0) return absl::OkStatus();
    SNAPLEDGER_RETURN_IF_ERROR(
        RecordBeforehand(kHistory, options_.history, kSetUpCallEvents, kSetUpCallsInFlight));
    return AwaitDelivered(recorded_);
  }

  // A drain's lots are as its calls were: one call at a time.
  absl::Status MakeBacklog() {
    const bool drain = options_.workload == Workload::kDrain;
    const int64_t events = drain ? std::max(options_.backlog, options_.events) : options_.backlog;
    if (events == 0) return absl::OkStatus();
    SNAPLEDGER_RETURN_IF_ERROR(StartService(kIntakeRoles));
    return RecordBeforehand(kBacklog, events, drain ? options_.events_per_call : kSetUpCallEvents,
                            drain ? 1 : kSetUpCallsInFlight);
  }

  absl::Status Measure() {
    switch (options_.workload) {
      case Workload::kIngestUnary:
      case Workload::kIngestBatch:
      case Workload::kIngestStream:
        return MeasureIntake();
      case Workload::kEndToEnd:
        return MeasureEndToEnd();
      case Workload::kDrain:
        return MeasureDrain();
      case Workload::kStatusQueries:
      case Workload::kMatchRateQueries:
        return MeasureQueries();
    }
    return absl::InternalError("unknown workload");
  }

  absl::StatusOr<LoadResult> RecordMeasured() {
    const int64_t calls = CallsFor(options_.events, options_.events_per_call);
    cli::ProgressBar progress(calls);
    Client::Recording recording = {
        .phase = base::Concat(kMeasured, round_),
        .events_per_call = options_.events_per_call,
        .shape = Shape(calls, options_.concurrency, options_.events_per_call, &progress)};
    SteadinessWatch watch;
    if (options_.rate > 0) Steady(calls, &watch, &recording.shape);
    recorded_ += calls * options_.events_per_call;
    absl::StatusOr<LoadResult> load = Send(recording);
    if (options_.rate > 0) report_.steadiness = watch.Result();
    return load;
  }

  absl::StatusOr<LoadResult> Send(const Client::Recording& recording) {
    switch (options_.workload) {
      case Workload::kIngestStream:
        return client_->Stream(recording);
      case Workload::kIngestUnary:
        return client_->RecordSerialized(recording);
      default:
        return client_->Record(recording);
    }
  }

  // At the run's rate, with a look at the service each time progress is told.
  void Steady(int64_t calls, SteadinessWatch* watch, LoadShape* shape) {
    shape->calls_per_second = options_.rate / options_.events_per_call;
    shape->progress = [this, calls, watch, show = std::move(shape->progress)](int64_t done) {
      show(done);
      watch->Look(done, calls, ResidentBytes(deployment_->service().pid()),
                  done * options_.events_per_call - deployment_->sink().events());
    };
  }

  absl::Status MeasureIntake() {
    if (round_ == 0) SNAPLEDGER_RETURN_IF_ERROR(StartService(kIntakeRoles));
    SNAPLEDGER_RETURN_IF_ERROR(MeasureCompanions());
    SNAPLEDGER_ASSIGN_OR_RETURN(const Meter meter, Meter::Begin(*deployment_));
    SNAPLEDGER_ASSIGN_OR_RETURN(LoadResult load, RecordMeasured());
    SNAPLEDGER_RETURN_IF_ERROR(meter.Finish(options_.events, &report_));
    return Take(std::move(load));
  }

  absl::Status MeasureEndToEnd() {
    SNAPLEDGER_RETURN_IF_ERROR(StartService(kAllRoles));
    SNAPLEDGER_RETURN_IF_ERROR(MeasureCompanions());
    SNAPLEDGER_ASSIGN_OR_RETURN(const Meter meter, Meter::Begin(*deployment_));
    const absl::Duration begin = base::Clock::Real().Monotonic();
    SNAPLEDGER_ASSIGN_OR_RETURN(LoadResult load, RecordMeasured());
    SNAPLEDGER_RETURN_IF_ERROR(AwaitDelivered(recorded_));
    load.seconds = absl::ToDoubleSeconds(base::Clock::Real().Monotonic() - begin);
    SNAPLEDGER_RETURN_IF_ERROR(meter.Finish(options_.events, &report_));
    return Take(std::move(load));
  }

  absl::Status MeasureDrain() {
    // A pause outlives the process that was told; a fresh one has not held the backlog.
    SNAPLEDGER_RETURN_IF_ERROR(client_->PauseDestinations());
    SNAPLEDGER_RETURN_IF_ERROR(StartService(kAllRoles));
    SNAPLEDGER_RETURN_IF_ERROR(MeasureCompanions());
    if (options_.held_snapshot) {
      SNAPLEDGER_RETURN_IF_ERROR(deployment_->database().HoldSnapshot());
    }
    const int64_t sent_before = deployment_->sink().events();
    SNAPLEDGER_ASSIGN_OR_RETURN(const Meter meter, Meter::Begin(*deployment_));
    const absl::Duration begin = base::Clock::Real().Monotonic();
    SNAPLEDGER_RETURN_IF_ERROR(client_->ResumeDestinations());
    if (options_.backlog > options_.events) {
      SNAPLEDGER_RETURN_IF_ERROR(AwaitSent(sent_before + options_.events));
    } else {
      SNAPLEDGER_RETURN_IF_ERROR(AwaitDelivered(recorded_));
    }
    report_.seconds = absl::ToDoubleSeconds(base::Clock::Real().Monotonic() - begin);
    SNAPLEDGER_RETURN_IF_ERROR(meter.Finish(options_.events, &report_));
    SNAPLEDGER_ASSIGN_OR_RETURN(report_.latency, deployment_->database().DeliveryTimes());
    SNAPLEDGER_ASSIGN_OR_RETURN(report_.drift, deployment_->database().Drift());
    return absl::OkStatus();
  }

  absl::Status MeasureQueries() {
    SNAPLEDGER_RETURN_IF_ERROR(StartService(options_.under_load ? kAllRoles : kIntakeRoles));
    absl::Status beside;
    std::thread recorder;
    if (options_.under_load) recorder = std::thread([this, &beside] { beside = RecordBeside(); });
    absl::Status asked = AskQueries();
    queries_done_ = true;
    if (recorder.joinable()) recorder.join();
    asked.Update(beside);
    return asked;
  }

  absl::Status AskQueries() {
    SNAPLEDGER_RETURN_IF_ERROR(MeasureCompanions());
    SNAPLEDGER_ASSIGN_OR_RETURN(const Meter meter, Meter::Begin(*deployment_));
    cli::ProgressBar progress(options_.events);
    const LoadShape shape = Shape(options_.events, options_.concurrency, 1, &progress);
    absl::StatusOr<LoadResult> load =
        options_.workload == Workload::kMatchRateQueries
            ? client_->AskMatchRates(shape)
            : client_->AskStatus(shape, {.phase = kHistory,
                                         .events_per_call = kSetUpCallEvents,
                                         .calls = CallsFor(options_.history, kSetUpCallEvents)});
    if (!load.ok()) return load.status();
    SNAPLEDGER_RETURN_IF_ERROR(meter.Finish(options_.events, &report_));
    return Take(*std::move(load));
  }

  // Full load, in rounds with ids of their own, until the queries are done.
  absl::Status RecordBeside() {
    Client client(deployment_->service().address(), corpus_);
    for (int round = 0; !queries_done_; ++round) {
      constexpr int kCalls = 100;
      constexpr int kEventsPerCall = 100;
      constexpr int kConcurrency = 16;
      SNAPLEDGER_RETURN_IF_ERROR(
          client
              .Record({.phase = base::Concat(kBeside, round),
                       .events_per_call = kEventsPerCall,
                       .shape = {.calls = kCalls, .concurrency = kConcurrency}})
              .status());
      recorded_ += kCalls * kEventsPerCall;
    }
    return absl::OkStatus();
  }

  absl::Status MeasureCompanions() {
    if (!options_.noop) return absl::OkStatus();
    Companions companions;
    SNAPLEDGER_ASSIGN_OR_RETURN(
        LoadResult load,
        client_->CallNothing({.calls = kNoopCalls, .concurrency = options_.concurrency}));
    companions.noop_per_second = kNoopCalls / load.seconds;
    companions.noop = PercentilesOf(std::move(load.milliseconds));
    SNAPLEDGER_ASSIGN_OR_RETURN(companions.flush_ms, FlushMilliseconds(deployment_->folder()));
    report_.companions = companions;
    return absl::OkStatus();
  }

  absl::Status Take(LoadResult load) {
    report_.seconds = load.seconds;
    report_.latency = PercentilesOf(std::move(load.milliseconds));
    return absl::OkStatus();
  }

  // Waits at the sink first: to ask the service all the while would cost it what is measured.
  absl::Status AwaitSent(int64_t count) {
    constexpr absl::Duration kPatience = absl::Milliseconds(200);
    cli::ProgressBar progress(count);
    const absl::Duration deadline = base::Clock::Real().Monotonic() + kDeliveryMax;
    while (!deployment_->sink().AwaitEvents(count, kPatience)) {
      const int64_t sent = deployment_->sink().events();
      progress.Update(sent, sent);
      if (Interrupted()) return absl::AbortedError("interrupted");
      if (base::Clock::Real().Monotonic() > deadline) {
        return absl::DeadlineExceededError("the service does not deliver what it recorded");
      }
    }
    return absl::OkStatus();
  }

  absl::Status AwaitDelivered(int64_t count) {
    SNAPLEDGER_RETURN_IF_ERROR(AwaitSent(count));
    while (true) {
      SNAPLEDGER_ASSIGN_OR_RETURN(const int64_t delivered, client_->DeliveredCount());
      if (delivered >= count) return absl::OkStatus();
      if (Interrupted()) return absl::AbortedError("interrupted");
      absl::SleepFor(kAskInterval);
    }
  }

  const Options& options_;
  const PayloadCorpus corpus_;
  std::unique_ptr<Deployment> deployment_;
  std::unique_ptr<Client> client_;
  int round_ = 0;
  Report report_;
  std::atomic<int64_t> recorded_ = 0;
  std::atomic<bool> queries_done_ = false;
};

}  // namespace

absl::Status Run(const Options& options, const std::function<void(const Report&)>& report) {
  return BenchRun(options).Go(report);
}

}  // namespace snapledger::bench
