#include "services/ingest/committer.h"

#include <pthread.h>

#include <iterator>
#include <map>
#include <utility>

#include "services/ingest/commit_plan.h"

namespace snapledger::ingest {
namespace {

// Each further try means that somebody changed lanes or deleted a destination meanwhile.
constexpr int kTriesMax = 20;

}  // namespace

Committer::Committer(storage::Ledger& ledger, destinations::DestinationDirectory& directory,
                     security::Envelope& envelope, Options options,
                     std::function<void(const std::vector<int32_t>&)> committed)
    : ledger_(ledger),
      directory_(directory),
      envelope_(envelope),
      options_(options),
      committed_(std::move(committed)) {
  for (int i = 0; i < options_.writer_count; ++i) {
    writers_.emplace_back([this] {
      pthread_setname_np(pthread_self(), "committer");
      RunWriter();
    });
  }
}

Committer::~Committer() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& writer : writers_) writer.join();
}

bool Committer::TrySubmit(std::string destination_id, std::vector<EncodedEvent> events, Done done) {
  Submission submission{.destination_id = std::move(destination_id),
                        .events = std::move(events),
                        .done = std::move(done)};
  for (const EncodedEvent& event : submission.events) {
    submission.bytes += sizeof(EncodedEvent) + event.json.size();
  }
  absl::MutexLock lock(&mutex_);
  // A single large call is taken whenever nothing else waits.
  if (stopping_ ||
      (waiting_bytes_ > 0 && waiting_bytes_ + submission.bytes > options_.waiting_bytes_max)) {
    return false;
  }
  waiting_bytes_ += submission.bytes;
  waiting_events_ += static_cast<int64_t>(submission.events.size());
  waiting_.push_back(std::move(submission));
  return true;
}

std::vector<Committer::Submission> Committer::TakeGroup() {
  std::vector<Submission> group;
  size_t events = 0;
  size_t bytes = 0;
  while (!waiting_.empty()) {
    events += waiting_.front().events.size();
    bytes += waiting_.front().bytes;
    const bool full = events > static_cast<size_t>(options_.events_per_commit_max) ||
                      bytes > options_.bytes_per_commit_max;
    if (!group.empty() && full) break;
    waiting_bytes_ -= waiting_.front().bytes;
    waiting_events_ -= static_cast<int64_t>(waiting_.front().events.size());
    group.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return group;
}

void Committer::RunWriter() {
  while (true) {
    std::vector<Submission> group;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &Committer::HasWorkOrStopping));
      mutex_.AwaitWithTimeout(absl::Condition(this, &Committer::NeedNotGather),
                              options_.gather_max);
      if (waiting_.empty() && stopping_) return;
      if (waiting_.empty()) continue;
      group = TakeGroup();
      ++busy_writers_;
    }
    Commit(group);
    absl::MutexLock lock(&mutex_);
    --busy_writers_;
  }
}

void Committer::Commit(const std::vector<Submission>& group) {
  for (int more = kTriesMax - 1; !TryCommit(group, more == 0); --more) {
    if (const absl::Status read = directory_.Refresh(); !read.ok()) {
      for (const Submission& submission : group) submission.done(read, {});
      return;
    }
  }
}

bool Committer::TryCommit(const std::vector<Submission>& group, bool last_try) {
  // Each destination is looked up once: events of one commit are placed by one state of it.
  std::map<std::string, absl::StatusOr<destinations::DestinationPtr>> found;
  std::vector<PlacedEvent> events;
  for (const Submission& submission : group) {
    auto [destination, is_first] = found.try_emplace(submission.destination_id);
    if (is_first) destination->second = directory_.Find(submission.destination_id);
    if (!destination->second.ok()) continue;
    for (const EncodedEvent& event : submission.events) {
      events.push_back({&event, destination->second->get()});
    }
  }
  const CommitPlan plan(events, envelope_);
  absl::StatusOr<std::vector<storage::AppendedLot>> appended = ledger_.Append(plan.lots());
  if (storage::IsLanesChanged(appended.status())) {
    if (!last_try) return false;
    appended = absl::UnavailableError("lanes change faster than events can be placed");
  }
  std::vector<StoredAs> outcomes;
  if (appended.ok()) {
    outcomes = plan.Outcomes(*appended);
    const std::vector<int32_t> shards = plan.ShardsToSend(*appended);
    if (!shards.empty()) committed_(shards);
  }
  auto next = outcomes.begin();
  for (const Submission& submission : group) {
    const absl::Status& known = found.at(submission.destination_id).status();
    if (!known.ok() || !appended.ok()) {
      submission.done(known.ok() ? appended.status() : known, {});
      continue;
    }
    const auto end = std::next(next, static_cast<std::ptrdiff_t>(submission.events.size()));
    submission.done(absl::OkStatus(), {next, end});
    next = end;
  }
  return true;
}

}  // namespace snapledger::ingest
