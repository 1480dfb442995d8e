#pragma once

#include <fstream>
#include <istream>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace snapledger::cli {

// A file of events, or standard input.
class EventFile {
 public:
  // "-" is standard input. NOT_FOUND where the file cannot be read, INVALID_ARGUMENT where
  // it is a folder.
  static absl::StatusOr<std::unique_ptr<EventFile>> Open(const std::string& path);

  std::istream& stream();
  // 0 where it is not known.
  int64_t size_bytes() const { return size_bytes_; }

 private:
  std::ifstream file_;
  bool standard_input_ = false;
  int64_t size_bytes_ = 0;
};

}  // namespace snapledger::cli
