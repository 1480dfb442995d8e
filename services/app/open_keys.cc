#include "services/app/open_keys.h"

#include <filesystem>
#include <optional>

#include "services/app/database.h"
#include "services/base/log.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"

namespace snapledger::app {
namespace {

namespace fs = std::filesystem;

// What cannot be looked at counts as present.
bool IsAbsent(const std::string& path) {
  std::error_code error;
  return fs::status(path, error).type() == fs::file_type::not_found;
}

absl::Status MakeKeyFile(const std::string& path) {
  std::error_code ignored;  // making the file tells
  fs::create_directories(fs::path(path).parent_path(), ignored);
  const absl::Status made = security::CreateKeyFile(path);
  if (absl::IsAlreadyExists(made)) return absl::OkStatus();  // by a process that started with us
  SNAPLEDGER_RETURN_IF_ERROR(made);
  base::Log(base::Severity::kInfo, "made a key file; keep a copy of it apart from the database",
            {{"path", path}});
  return absl::OkStatus();
}

// New keys would open nothing of what a database holds, and take the place of those that do.
absl::Status MissingKeyFileError(const std::string& path, const std::string& directory) {
  return absl::InvalidArgumentError(base::Concat(
      "the key file ", path, " is missing, and the embedded database in ", directory,
      " was written with it: put the kept copy back, or name it with --key-file. No new one is "
      "made, since it would open neither the events nor the access tokens; only where nothing was "
      "recorded yet, remove ",
      directory, " to begin anew"));
}

}  // namespace

absl::Status MakeKeysOfNewDatabase(const std::string& key_file_setting,
                                   const std::string& database_setting) {
  const std::optional<std::string> directory = EmbeddedDirectory(database_setting);
  if (!directory || !IsAbsent(EmbeddedDataFolder(*directory))) return absl::OkStatus();
  const std::string path = KeyFileOf(key_file_setting, database_setting);
  return IsAbsent(path) ? MakeKeyFile(path) : absl::OkStatus();
}

absl::StatusOr<security::KeyRing> OpenKeys(const std::string& key_file_setting,
                                           const std::string& database_setting) {
  const std::string path = KeyFileOf(key_file_setting, database_setting);
  if (path.empty()) {
    return absl::InvalidArgumentError(
        "--key-file is required with a database that is not embedded; all processes on one "
        "database use the same file");
  }
  if (const absl::Status made = MakeKeysOfNewDatabase(key_file_setting, database_setting);
      !made.ok()) {
    return absl::InvalidArgumentError(made.message());
  }
  const std::optional<std::string> directory = EmbeddedDirectory(database_setting);
  if (directory && IsAbsent(path)) return MissingKeyFileError(path, *directory);
  absl::StatusOr<security::KeyRing> keys = security::LoadKeyFile(path);
  if (!keys.ok()) return absl::InvalidArgumentError(keys.status().message());
  return keys;
}

}  // namespace snapledger::app
