#include "services/app/database.h"

#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "services/base/log.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "storage/embedded_cluster.h"

namespace snapledger::app {
namespace {

constexpr char kEmbeddedPrefix[] = "embedded:";
constexpr char kKeyFileName[] = "keys";
constexpr std::string_view kSchemeEnd = "://";
constexpr std::string_view kPasswordParameter = "password=";

bool IsPostgresUrl(const std::string& setting) {
  return absl::StartsWith(setting, "postgresql://") || absl::StartsWith(setting, "postgres://");
}

// Whether a folder is there or can be made there.
absl::Status CheckFolder(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::path present = directory;
  while (present.has_relative_path() &&
         std::filesystem::status(present, error).type() == std::filesystem::file_type::not_found) {
    present = present.parent_path();
  }
  const std::filesystem::file_status found = std::filesystem::status(present, error);
  if (error || std::filesystem::is_directory(found)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      base::Concat("--database: ", present.string(),
                   " is not a folder; name a folder for the embedded database, embedded:DIR"));
}

}  // namespace

std::optional<std::string> EmbeddedDirectory(const std::string& setting) {
  absl::string_view rest = setting;
  if (!absl::ConsumePrefix(&rest, kEmbeddedPrefix) || rest.empty()) return std::nullopt;
  const auto directory = std::filesystem::absolute(std::string(rest)).lexically_normal();
  // "dir/" has an empty file name: the directory itself is meant.
  return directory.has_filename() ? directory.string() : directory.parent_path().string();
}

std::string EmbeddedDataFolder(const std::string& directory) { return directory + "/data"; }

absl::Status CheckDatabaseSetting(const std::string& setting) {
  if (const auto directory = EmbeddedDirectory(setting)) return CheckFolder(*directory);
  if (IsPostgresUrl(setting)) return absl::OkStatus();
  return absl::InvalidArgumentError("--database must be embedded:DIR or postgresql://…");
}

std::string KeyFileOf(const std::string& key_file_setting, const std::string& database_setting) {
  if (!key_file_setting.empty()) return key_file_setting;
  const auto directory = EmbeddedDirectory(database_setting);
  if (!directory) return "";
  return std::filesystem::path(*directory).parent_path() / kKeyFileName;
}

std::string WithoutPassword(const std::string& url) {
  std::string shown = url;
  const size_t authority = shown.find(kSchemeEnd);
  if (authority != std::string::npos) {
    const size_t begin = authority + kSchemeEnd.size();
    const size_t at = shown.rfind('@', shown.find_first_of("/?", begin));
    const size_t colon = shown.find(':', begin);
    if (at != std::string::npos && at > begin && colon < at) shown.erase(colon, at - colon);
  }
  const size_t parameter = shown.find(kPasswordParameter);
  if (parameter != std::string::npos) {
    const size_t end = shown.find('&', parameter);
    shown.erase(parameter + kPasswordParameter.size(),
                end == std::string::npos ? end : end - parameter - kPasswordParameter.size());
  }
  return shown;
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& setting) {
  SNAPLEDGER_RETURN_IF_ERROR(CheckDatabaseSetting(setting));
  if (const auto directory = EmbeddedDirectory(setting)) {
    base::Log(base::Severity::kInfo, "starting the embedded database", {{"directory", *directory}});
    SNAPLEDGER_ASSIGN_OR_RETURN(auto cluster, storage::EmbeddedCluster::Start(*directory, {}));
    std::string url = cluster->url();
    return std::unique_ptr<Database>(new Database(std::move(cluster), std::move(url)));
  }
  return std::unique_ptr<Database>(new Database(nullptr, setting));
}

Database::Database(std::unique_ptr<storage::EmbeddedCluster> cluster, std::string url)
    : cluster_(std::move(cluster)), url_(std::move(url)) {}

Database::~Database() = default;

absl::Status Database::EnsureSchema() const {
  if (embedded()) return Migrate().status();
  SNAPLEDGER_ASSIGN_OR_RETURN(const storage::MigrationStatus schema, SchemaStatus());
  if (schema.up_to_date() || schema.database_is_newer()) return absl::OkStatus();
  return absl::FailedPreconditionError(base::Concat(
      "the schema of the database is at version ", schema.database_version,
      " and this program needs version ", schema.program_version, ": run `snapledger migrate`"));
}

absl::StatusOr<storage::MigrationStatus> Database::SchemaStatus() const {
  return storage::Migrator(url_).Status();
}

absl::StatusOr<storage::MigrationStatus> Database::Migrate() const {
  return storage::Migrator(url_).Migrate();
}

absl::Status Database::EnsureRunning() {
  return embedded() ? cluster_->EnsureRunning() : absl::OkStatus();
}

}  // namespace snapledger::app
