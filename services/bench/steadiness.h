#pragma once

#include <cstdint>
#include <vector>

namespace snapledger::bench {

// How steady a run at a rate was. What a process has in memory moves by megabytes from one second
// to the next, so that one look tells no growth: these are medians of many.
struct Steadiness {
  int64_t resident_bytes_early = 0;  // of the service, in the second tenth of the run
  int64_t resident_bytes_end = 0;    // in the last tenth
  int64_t backlog_first_half = 0;    // the most events that were answered and not yet sent
  int64_t backlog_second_half = 0;
};

// Takes looks at a run, at moments as even as they come. Not thread-safe.
class SteadinessWatch {
 public:
  // `done` of `total` calls are answered.
  void Look(int64_t done, int64_t total, int64_t resident_bytes, int64_t backlog);

  // Zero where there was no look.
  Steadiness Result() const;

 private:
  std::vector<int64_t> early_, end_;
  int64_t backlog_first_half_ = 0;
  int64_t backlog_second_half_ = 0;
};

}  // namespace snapledger::bench
