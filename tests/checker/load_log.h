#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace snapledger::checker {

// What a client that records events did, one JSON object a line, each line one write:
//   {"kind":"call","number":N,"time":S,"destination":"…","event_ids":["…",…]}
//   {"kind":"answer","number":N,"time":S,"verdicts":["ACCEPTED",…]}
//   {"kind":"failed","number":N,"time":S,"code":"UNAVAILABLE"}
// The call stands before it is made, so that nothing is stored that no log tells of. Verdicts are
// v1.Outcome's names without OUTCOME_, in the order of the ids; times are seconds of the epoch.
// Thread-safe; one writer per file.
class LoadLog {
 public:
  // Opens the file for appending and goes on counting where an earlier writer ended. UNAVAILABLE
  // where it cannot be opened.
  static absl::StatusOr<std::unique_ptr<LoadLog>> Open(const std::string& path);
  ~LoadLog();
  LoadLog(const LoadLog&) = delete;
  LoadLog& operator=(const LoadLog&) = delete;

  // To be noted before the call is made; gives its number. The call must not be made where this
  // fails.
  absl::StatusOr<int64_t> NoteCall(const std::string& destination,
                                   absl::Span<const std::string> event_ids);
  absl::Status NoteAnswer(int64_t number, absl::Span<const std::string> verdicts);
  absl::Status NoteFailure(int64_t number, const std::string& code);

 private:
  LoadLog(int descriptor, int64_t last_number)
      : descriptor_(descriptor), last_number_(last_number) {}
  absl::Status Append(const std::string& line);

  const int descriptor_;
  absl::Mutex mutex_;
  int64_t last_number_ ABSL_GUARDED_BY(mutex_);
};

// One call as its lines tell.
struct LoadCall {
  int64_t number = 0;
  absl::Time call_time;
  std::string destination;
  std::vector<std::string> event_ids;
  absl::Time end_time = absl::InfiniteFuture();  // of answer or failure; none is known: never
  std::vector<std::string> verdicts;             // empty: failed, or no answer is known
  std::string failure_code;
};

// Gives every call of a log once, when its end is read, those without one at last. An unfinished
// last line is passed over. NOT_FOUND; INVALID_ARGUMENT naming the line that cannot be read, that
// has no call, or whose verdicts are not as many as the ids.
absl::Status ReadLoadLog(const std::string& path,
                         const std::function<void(const LoadCall&)>& take_call);

}  // namespace snapledger::checker
