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

}  // namespace

std::optional<std::string> EmbeddedDirectory(const std::string& setting) {
  absl::string_view rest = setting;
  if (!absl::ConsumePrefix(&rest, kEmbeddedPrefix) || rest.empty()) return std::nullopt;
  const auto directory = std::filesystem::absolute(std::string(rest)).lexically_normal();
  // "dir/" has an empty file name: the directory itself is meant.
  return directory.has_filename() ? directory.string() : directory.parent_path().string();
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
  if (const auto directory = EmbeddedDirectory(setting)) {
    base::Log(base::Severity::kInfo, "starting the embedded database", {{"directory", *directory}});
    SNAPLEDGER_ASSIGN_OR_RETURN(auto cluster, storage::EmbeddedCluster::Start(*directory, {}));
    std::string url = cluster->url();
    return std::unique_ptr<Database>(new Database(std::move(cluster), std::move(url)));
  }
  if (absl::StartsWith(setting, "postgresql://") || absl::StartsWith(setting, "postgres://")) {
    return std::unique_ptr<Database>(new Database(nullptr, setting));
  }
  return absl::InvalidArgumentError("--database must be embedded:DIR or postgresql://…");
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
