#include "storage/postgres_programs.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace snapledger::storage {
namespace {

constexpr char kDebianFolder[] = "/usr/lib/postgresql";

bool HoldsPrograms(const std::string& folder) {
  return access(absl::StrCat(folder, "/postgres").c_str(), X_OK) == 0 &&
         access(absl::StrCat(folder, "/initdb").c_str(), X_OK) == 0;
}

std::string NewestDebianFolder(const std::string& major_version) {
  std::string newest;
  int newest_version = 0;
  std::error_code ignored;  // the folder need not exist
  for (const auto& entry : std::filesystem::directory_iterator(kDebianFolder, ignored)) {
    const std::string name = entry.path().filename();
    const std::string folder = entry.path() / "bin";
    int version = 0;
    if (!absl::SimpleAtoi(name, &version) || !HoldsPrograms(folder)) continue;
    if (!major_version.empty() && name != major_version) continue;
    if (version > newest_version) {
      newest = folder;
      newest_version = version;
    }
  }
  return newest;
}

std::string FirstLineOf(const char* command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command, "r"), pclose);
  char line[4096] = "";
  if (pipe == nullptr || fgets(line, sizeof line, pipe.get()) == nullptr) return "";
  return std::string(absl::StripAsciiWhitespace(line));
}

std::string ConfiguredFolder(const std::string& major_version) {
  // "PostgreSQL 15.4 (…)"
  const std::string version = FirstLineOf("pg_config --version 2>/dev/null");
  if (!major_version.empty() &&
      !version.starts_with(absl::StrCat("PostgreSQL ", major_version, ".")))
    return "";
  return FirstLineOf("pg_config --bindir 2>/dev/null");
}

}  // namespace

absl::StatusOr<std::string> FindPostgresPrograms(const std::string& major_version) {
  if (std::string folder = NewestDebianFolder(major_version); !folder.empty()) return folder;
  if (std::string folder = ConfiguredFolder(major_version); HoldsPrograms(folder)) return folder;
  if (major_version.empty()) {
    return absl::NotFoundError(
        "PostgreSQL's server programs are not installed; install the package postgresql-15, or "
        "give --database postgresql://… of a running server");
  }
  return absl::NotFoundError(absl::StrCat("the data was made by PostgreSQL ", major_version,
                                          ", whose server programs are not installed; install the "
                                          "package postgresql-",
                                          major_version));
}

}  // namespace snapledger::storage
