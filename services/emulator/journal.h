#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace snapledger::emulator {

// The file that tells what arrived and what was answered. Thread-safe.
class Journal {
 public:
  // Opens the file for appending. An unfinished last line of an earlier run is ended. With an empty
  // path nothing is kept.
  static absl::StatusOr<std::unique_ptr<Journal>> Open(const std::string& path);
  ~Journal();

  bool kept() const { return fd_ >= 0; }

  // The next request's number; goes on where an earlier run ended.
  uint64_t NextNumber() { return ++number_; }

  // On success the lines have been handed to the kernel, together and in order.
  absl::Status Append(absl::string_view lines);

 private:
  Journal(int fd, uint64_t number) : fd_(fd), number_(number) {}

  const int fd_;
  absl::Mutex mutex_;
  std::atomic<uint64_t> number_;
};

}  // namespace snapledger::emulator
