#include "services/cli/file_text.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace snapledger::cli {

absl::StatusOr<std::string> ReadFileText(const std::string& path) {
  if (path == "-") {
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  }
  std::error_code unknown;
  std::ifstream file(path, std::ios::binary);
  if (std::filesystem::is_directory(path, unknown)) {
    return absl::InvalidArgumentError(path + " is a folder; give a file");
  }
  if (!file) return absl::NotFoundError("cannot read the file " + path);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

}  // namespace snapledger::cli
