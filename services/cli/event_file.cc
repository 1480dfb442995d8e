#include "services/cli/event_file.h"

#include <filesystem>
#include <iostream>

namespace snapledger::cli {

absl::StatusOr<std::unique_ptr<EventFile>> EventFile::Open(const std::string& path) {
  auto file = std::make_unique<EventFile>();
  if (path == "-") {
    file->standard_input_ = true;
    return file;
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return absl::InvalidArgumentError(path + " is a folder; give a file, or - for standard input");
  }
  if (std::filesystem::is_regular_file(path, error)) {
    file->size_bytes_ = static_cast<int64_t>(std::filesystem::file_size(path, error));
  }
  file->file_.open(path, std::ios::binary);
  if (!file->file_) {
    return absl::NotFoundError("cannot read the file " + path);
  }
  return file;
}

std::istream& EventFile::stream() {
  if (standard_input_) return std::cin;
  return file_;
}

}  // namespace snapledger::cli
