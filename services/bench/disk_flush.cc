#include "services/bench/disk_flush.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/time/clock.h"
#include "services/base/clock.h"
#include "services/bench/latencies.h"

namespace snapledger::bench {
namespace {

constexpr int kFlushes = 200;
constexpr size_t kPageBytes = 8192;
constexpr size_t kPages = 128;

}  // namespace

absl::StatusOr<double> FlushMilliseconds(const std::string& folder) {
  std::string path = folder + "/flush-XXXXXX";
  const int file = mkstemp(path.data());
  if (file < 0) return absl::ErrnoToStatus(errno, "cannot make a file in " + folder);
  const absl::Cleanup close_file = [file] { close(file); };
  unlink(path.c_str());
  const std::string page(kPageBytes, 'x');
  // In place, as WAL segments that are used again: the file's size does not change any more.
  for (size_t i = 0; i < kPages; ++i) {
    if (write(file, page.data(), kPageBytes) != static_cast<ssize_t>(kPageBytes)) {
      return absl::ErrnoToStatus(errno, "cannot write in " + folder);
    }
  }
  if (fdatasync(file) != 0) return absl::ErrnoToStatus(errno, "fdatasync");
  std::vector<double> milliseconds;
  for (int i = 0; i < kFlushes; ++i) {
    const absl::Duration begin = base::Clock::Real().Monotonic();
    const auto offset = static_cast<off_t>((i % kPages) * kPageBytes);
    if (pwrite(file, page.data(), kPageBytes, offset) < 0 || fdatasync(file) != 0) {
      return absl::ErrnoToStatus(errno, "fdatasync");
    }
    milliseconds.push_back(absl::ToDoubleMilliseconds(base::Clock::Real().Monotonic() - begin));
  }
  return PercentilesOf(std::move(milliseconds)).p50_ms;
}

}  // namespace snapledger::bench
