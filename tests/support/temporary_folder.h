#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace snapledger::support {

// A folder of its own, which every user may enter; removed with what it holds when this ends.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    char path[] = "/tmp/snapledger-test-XXXXXX";
    if (mkdtemp(path) == nullptr || chmod(path, 0755) != 0) throw std::runtime_error("mkdtemp");
    path_ = path;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace snapledger::support
