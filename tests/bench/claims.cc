// claims_bench SNAPLEDGER [CLAIMS [SMALL LARGE]]: starts the service (the program at that path) on
// two embedded databases with durable settings, records SMALL and LARGE events (100,000 and
// 5,000,000) in lots of 500, four of five for one destination, ends it, and claims 2000 of that
// destination here and there in turn, CLAIMS times (30), one claim at a time and no request beside
// it. Prints the medians of what a claim takes of the ledger (its transaction without opening and
// framing), of opening and framing, and of recording that it was delivered.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "services/base/clock.h"
#include "services/bench/client.h"
#include "services/bench/deployment.h"
#include "services/bench/latencies.h"
#include "services/bench/payload_corpus.h"
#include "services/cli/terminal.h"
#include "services/dispatch/batch_builder.h"
#include "services/security/envelope.h"
#include "services/security/key_file.h"
#include "storage/postgres.h"
#include "storage/random_uuid.h"
#include "tests/bench/or_throw.h"

namespace snapledger::bench {
namespace {

// Recorded one call at a time: a call is a lot.
constexpr int kEventsPerCall = 500;
// Not counted: connections are made, statements prepared.
constexpr int kClaimsBefore = 5;

double MillisecondsSince(absl::Duration begin) {
  return absl::ToDoubleMilliseconds(base::Clock::Real().Monotonic() - begin);
}

// Milliseconds of each claim.
struct Times {
  std::vector<double> claim, framing, record;
};

// Opens and frames as delivery does, and takes the time of it.
class TimedBuilder final : public storage::BatchComposer {
 public:
  explicit TimedBuilder(dispatch::BatchBuilder& builder) : builder_(builder) {}

  absl::StatusOr<storage::ComposedBatch> Compose(const std::vector<storage::ClaimedSlice>& slices,
                                                 absl::Time database_now) override {
    const absl::Duration begin = base::Clock::Real().Monotonic();
    absl::StatusOr<storage::ComposedBatch> composed = builder_.Compose(slices, database_now);
    milliseconds_ += MillisecondsSince(begin);  // again where a claim is redone
    return composed;
  }

  double milliseconds() const { return milliseconds_; }

 private:
  dispatch::BatchBuilder& builder_;
  double milliseconds_ = 0;
};

// A ledger in which so many events wait.
class Backlog {
 public:
  Backlog(const std::string& program, int64_t events) : events_(events) {
    options_.service_program = program;
    deployment_ = Take(Deployment::Start(options_));
    Fill();
    Check(deployment_->database().Checkpoint());
    keys_ = Take(security::LoadKeyFile(deployment_->folder() + "/keys"));
    postgres_ = Take(storage::Postgres::Open(deployment_->database().url(), {}));
    envelope_.emplace(keys_, postgres_->data_keys(), base::Clock::Real());
    destination_ = Take(postgres_->destinations().Get(kPixelId));
  }

  int64_t events() const { return events_; }

  // Claims one batch and records it as delivered.
  void ClaimOne(Times* times) {
    const int32_t shard = destination_.shards.at(0);
    dispatch::BatchBuilder builder(shard, *envelope_, destination_.settings);
    TimedBuilder timed(builder);
    const storage::ClaimRequest request = {.shard = shard,
                                           .lease = absl::Minutes(1),
                                           .attempt_id = storage::RandomUuid(),
                                           .batch_id = storage::RandomUuid(),
                                           .token_id = "t1"};
    const absl::Duration claim_begin = base::Clock::Real().Monotonic();
    const storage::ClaimResult claimed = Take(postgres_->ledger().Claim(request, timed));
    const double claim = MillisecondsSince(claim_begin);
    if (claimed.batch.event_count != storage::kLotEventsMax) {
      throw std::runtime_error("a claim of fewer than 2000 events");
    }
    const absl::Duration record_begin = base::Clock::Real().Monotonic();
    Record(request, claimed.batch);
    times->record.push_back(MillisecondsSince(record_begin));
    times->framing.push_back(timed.milliseconds());
    times->claim.push_back(claim - timed.milliseconds());
  }

 private:
  void Fill() {
    const PayloadCorpus corpus(options_.seed, absl::Now());
    Check(deployment_->StartService("ingest,query,maintenance"));
    Client client(deployment_->service().address(), corpus);
    Check(client.CreateDestinations());
    const int64_t calls = events_ / kEventsPerCall;
    cli::ProgressBar progress(calls);
    Check(client
              .Record({.phase = "backlog0",
                       .events_per_call = kEventsPerCall,
                       .shape = {.calls = calls,
                                 .concurrency = 1,
                                 .progress =
                                     [&progress](int64_t done) {
                                       progress.Update(done, done * kEventsPerCall);
                                     }}})
              .status());
    deployment_->StopService();
  }

  void Record(const storage::ClaimRequest& request, const storage::ClaimedBatch& batch) {
    storage::RecordRequest record = {.shard = request.shard,
                                     .attempt_id = request.attempt_id,
                                     .outcome = storage::AttemptOutcome::kDelivered,
                                     .http_status = 200,
                                     .to_state = storage::DeliveryState::kDelivered};
    for (const storage::ClaimedSlice& slice : batch.slices) {
      record.slices.push_back({.key = slice.key, .fence = slice.fence});
    }
    if (!Take(postgres_->ledger().Record(record)).fence_held) {
      throw std::runtime_error("an outcome came late");
    }
  }

  const int64_t events_;
  Options options_;
  std::unique_ptr<Deployment> deployment_;
  security::KeyRing keys_;
  std::unique_ptr<storage::Postgres> postgres_;
  std::optional<security::Envelope> envelope_;
  storage::Destination destination_;
};

// Of five calls four go to the destination whose events are claimed.
bool IsEnough(int claims, int64_t events) {
  return int64_t{storage::kLotEventsMax} * (kClaimsBefore + claims) <= events / 5 * 4;
}

void PrintRow(const Backlog& backlog, const Times& times) {
  const Percentiles claim = PercentilesOf(times.claim);
  std::printf("| %lld | %.2f (%.2f-%.2f) | %.2f | %.2f |\n",
              static_cast<long long>(backlog.events()), claim.p50_ms,
              *std::min_element(times.claim.begin(), times.claim.end()), claim.p95_ms,
              PercentilesOf(times.framing).p50_ms, PercentilesOf(times.record).p50_ms);
}

void Measure(const std::string& program, int claims, int64_t small_events, int64_t large_events) {
  // The large one first, so that the events of the small one were recorded just before they are
  // claimed, as where few wait.
  Backlog large(program, large_events);
  Backlog small(program, small_events);
  Times of_small, of_large;
  for (int i = 0; i < kClaimsBefore + claims; ++i) {
    if (i == kClaimsBefore) of_small = of_large = {};
    small.ClaimOne(&of_small);
    large.ClaimOne(&of_large);
  }
  std::printf("| waiting | claim, ms (least-p95) | framing | record |\n|---|---|---|---|\n");
  PrintRow(small, of_small);
  PrintRow(large, of_large);
  std::printf("ratio of claims: %.2f\n",
              PercentilesOf(of_large.claim).p50_ms / PercentilesOf(of_small.claim).p50_ms);
}

}  // namespace
}  // namespace snapledger::bench

int main(int argc, char** argv) {
  const int claims = argc > 2 ? std::atoi(argv[2]) : 30;
  const int64_t small_events = argc > 4 ? std::atoll(argv[3]) : 100'000;
  const int64_t large_events = argc > 4 ? std::atoll(argv[4]) : 5'000'000;
  if (argc < 2 || argc == 4 || argc > 5 || claims < 1 ||
      !snapledger::bench::IsEnough(claims, small_events)) {
    std::fprintf(stderr,
                 "usage: claims_bench SNAPLEDGER [CLAIMS [SMALL LARGE]]\n"
                 "SMALL must be 2500 for each claim, and for five before them\n");
    return 2;
  }
  // Caught, so that the databases end with the program.
  try {
    snapledger::bench::Measure(std::filesystem::absolute(argv[1]), claims, small_events,
                               large_events);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
