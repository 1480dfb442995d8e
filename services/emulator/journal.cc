#include "services/emulator/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/emulator/files.h"

namespace snapledger::emulator {
namespace {

// Enough to hold the lines of the largest request.
constexpr off_t kTailBytes = 32 << 20;

// The largest request number in the journal's last lines.
uint64_t LastNumber(absl::string_view tail) {
  uint64_t last = 0;
  for (const absl::string_view line : absl::StrSplit(tail, '\n')) {
    for (const absl::string_view mark : {"\"number\":", "\"request\":"}) {
      // The number stands right after the kind.
      const size_t at = line.substr(0, 40).find(mark);
      if (at == absl::string_view::npos) continue;
      const absl::string_view rest = line.substr(at + mark.size());
      uint64_t number = 0;
      if (absl::SimpleAtoi(rest.substr(0, rest.find_first_of(",}")), &number)) {
        last = std::max(last, number);
      }
    }
  }
  return last;
}

std::string ReadTail(int fd) {
  struct stat info {};
  fstat(fd, &info);
  const off_t begin = std::max<off_t>(0, info.st_size - kTailBytes);
  std::string tail(static_cast<size_t>(info.st_size - begin), '\0');
  const ssize_t count = pread(fd, tail.data(), tail.size(), begin);
  tail.resize(count > 0 ? static_cast<size_t>(count) : 0);
  return tail;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(const std::string& path) {
  if (path.empty()) return std::unique_ptr<Journal>(new Journal(-1, 0));
  const int fd = open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot open the journal ", path, ": ", strerror(errno)));
  }
  const std::string tail = ReadTail(fd);
  std::unique_ptr<Journal> journal(new Journal(fd, LastNumber(tail)));
  if (!tail.empty() && tail.back() != '\n') {
    const absl::Status ended = journal->Append("\n");
    if (!ended.ok()) return ended;
  }
  return journal;
}

Journal::~Journal() {
  if (fd_ >= 0) close(fd_);
}

absl::Status Journal::Append(absl::string_view lines) {
  if (fd_ < 0) return absl::OkStatus();
  // One writer at a time: a large write may be split and must not be interleaved.
  absl::MutexLock lock(&mutex_);
  return WriteAll(fd_, lines);
}

}  // namespace snapledger::emulator
