#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/clock.h"
#include "services/base/executor.h"
#include "services/destinations/destination_directory.h"
#include "services/ingest/committer.h"
#include "services/labels/label_cache.h"
#include "services/security/blind_index.h"
#include "snapledger/v1/conversion_service.pb.h"

namespace snapledger::ingest {

inline constexpr int kEventsPerCallMax = 2000;
inline constexpr size_t kCallBytesMax = size_t{8} << 20;

// What RecordEvents and ValidateEvents do. Whole-call errors come as a Status; docs/errors.md names
// the reason of each:
//   INVALID_ARGUMENT     no events, more than kEventsPerCallMax, more than kCallBytesMax
//   NOT_FOUND            no such destination
//   RESOURCE_EXHAUSTED   intake is full: repeat later
//   UNAVAILABLE          the ledger cannot be reached or a commit's outcome is unknown: repeating
//                        is safe
// Thread-safe.
class Ingest {
 public:
  using Done = std::function<void(absl::Status)>;

  struct Options {
    int thread_count = 2;
    size_t calls_waiting_max = 4096;
    size_t bytes_in_work_max = size_t{512} << 20;  // of calls not answered yet, on the wire
  };

  // The arguments must outlive this.
  Ingest(destinations::DestinationDirectory& directory, labels::LabelCache& labels,
         Committer& committer, const security::BlindIndex& blind_index, const base::Clock& clock,
         Options options);

  // Never blocks; `done` is called exactly once: after the commit is durable on another thread, or
  // on this one where nothing is stored. A small call is prepared on this thread, which
  // takes less than handing it over. Request and response must live until `done`.
  void Record(const v1::RecordEventsRequest& request, v1::RecordEventsResponse* response,
              Done done);

  // The same checks without storing anything; shows the JSON that would go to Snap.
  void Validate(const v1::ValidateEventsRequest& request, v1::ValidateEventsResponse* response,
                Done done);

 private:
  // What a call leaves to be stored.
  struct PreparedCall {
    std::vector<EncodedEvent> events;
    std::vector<int> indexes;  // of each in the call
  };
  // What may be asked about destinations and labels.
  enum class Asking : uint8_t { kMemory, kDatabase };

  // Checks the call as a whole; nullopt where it was refused and is answered.
  template <typename Request>
  std::optional<Done> Admit(const Request& request, Done done);
  // Runs `work` on the executor, or answers where there is no room.
  void Post(const Done& done, std::function<void()> work);
  // False where memory does not know enough; nothing was done then.
  bool RecordNow(const v1::RecordEventsRequest& request, v1::RecordEventsResponse* response,
                 const Done& done, Asking asking);
  // Writes a verdict per event and collects those that are to be stored; nullopt where memory does
  // not know enough.
  absl::StatusOr<std::optional<PreparedCall>> PrepareCall(const v1::RecordEventsRequest& request,
                                                          v1::RecordEventsResponse* response,
                                                          Asking asking);
  absl::Status ValidateNow(const v1::ValidateEventsRequest& request,
                           v1::ValidateEventsResponse* response);

  destinations::DestinationDirectory& directory_;
  labels::LabelCache& labels_;
  Committer& committer_;
  const security::BlindIndex& blind_index_;
  const base::Clock& clock_;
  const Options options_;
  std::atomic<size_t> bytes_in_work_ = 0;
  base::Executor executor_;
};

}  // namespace snapledger::ingest
