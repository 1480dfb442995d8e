#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "services/destinations/destination_directory.h"
#include "services/event/event_key.h"
#include "services/event/lot_codec.h"
#include "services/security/envelope.h"
#include "storage/ledger.h"

namespace snapledger::ingest {

// One validated, encoded event on its way into the ledger.
struct EncodedEvent {
  event::EventKey key{};
  int64_t content_digest = 0;  // keyed: security::BlindIndex::Content
  // Not keyed: what the ledger holds of events recorded before docs/decisions/0048.
  int64_t plain_content_digest = 0;
  event::FrameHeader header;
  std::string json;  // the frozen Snap event
  std::vector<int64_t> lookup_keys;
  bool suppressed = false;
};

enum class StoredAs : uint8_t { kNew, kDuplicate, kConflict };

// Group commit: events of concurrent calls are gathered and appended together, one durable
// transaction for all of them. When no writer is busy one commits at once; a further one only joins
// when enough waits to make a commit of its own cheap. Which shard an event belongs to is decided
// here, at the last moment; where lanes changed meanwhile it is decided anew. Thread-safe.
class Committer {
 public:
  struct Options {
    int writer_count = 2;
    int events_per_commit_max = 4000;
    size_t bytes_per_commit_max = size_t{16} << 20;  // of their JSON, which is held sealed as well
    // A further writer joins for as many: a commit of a few events costs PostgreSQL almost what one
    // of a hundred does. Or after at most so long, should the busy one be stuck.
    int events_for_further_writer = 128;
    absl::Duration gather_max = absl::Milliseconds(50);
    size_t waiting_bytes_max = size_t{256} << 20;
  };

  // What became of each event of a submission, in order; or why nothing is known to be stored:
  // NOT_FOUND where the destination is gone.
  using Done = std::function<void(absl::Status, std::vector<StoredAs>)>;

  // The arguments must outlive this. `committed` is called after each commit with the shards that
  // got something to send; it must not block.
  Committer(storage::Ledger& ledger, destinations::DestinationDirectory& directory,
            security::Envelope& envelope, Options options,
            std::function<void(const std::vector<int32_t>&)> committed);
  // Commits what was accepted, answers it and ends the writers.
  ~Committer();

  // False when too much is waiting; then `done` is not called. Else `done` is called once, on a
  // writer's thread.
  [[nodiscard]] bool TrySubmit(std::string destination_id, std::vector<EncodedEvent> events,
                               Done done);

 private:
  struct Submission {
    std::string destination_id;
    std::vector<EncodedEvent> events;
    Done done;
    size_t bytes = 0;
  };

  void RunWriter();
  std::vector<Submission> TakeGroup() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Commit(const std::vector<Submission>& group);
  // One try; false where lanes changed, and then nobody is answered.
  bool TryCommit(const std::vector<Submission>& group, bool last_try);
  bool HasWorkOrStopping() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !waiting_.empty();
  }
  bool NeedNotGather() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || waiting_.empty() || busy_writers_ == 0 ||
           waiting_events_ >= options_.events_for_further_writer;
  }

  storage::Ledger& ledger_;
  destinations::DestinationDirectory& directory_;
  security::Envelope& envelope_;
  const Options options_;
  const std::function<void(const std::vector<int32_t>&)> committed_;
  absl::Mutex mutex_;
  std::deque<Submission> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t waiting_events_ ABSL_GUARDED_BY(mutex_) = 0;
  int busy_writers_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> writers_;
};

}  // namespace snapledger::ingest
