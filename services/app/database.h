#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/migrator.h"

namespace snapledger::storage {
class EmbeddedCluster;
}

namespace snapledger::app {

// The directory of embedded:DIR, made absolute; nullopt for another --database.
std::optional<std::string> EmbeddedDirectory(const std::string& setting);

// Where the cluster in such a directory keeps its data: the cluster exists where this does.
std::string EmbeddedDataFolder(const std::string& directory);

// Whether --database can be meant so. INVALID_ARGUMENT where it is neither embedded:DIR nor a
// PostgreSQL URL, or DIR is something else than a folder. Makes nothing and connects nowhere.
absl::Status CheckDatabaseSetting(const std::string& setting);

// The key file to use: the one given, else with an embedded database `keys` beside its directory;
// empty where neither is.
std::string KeyFileOf(const std::string& key_file_setting, const std::string& database_setting);

// A database URL without its password, to show.
std::string WithoutPassword(const std::string& url);

// The database --database names. An embedded one is started here and stopped with this.
class Database {
 public:
  // What CheckDatabaseSetting or starting the cluster fails with.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& setting);
  ~Database();

  bool embedded() const { return cluster_ != nullptr; }
  const std::string& url() const { return url_; }  // may hold a password: never show it

  // Brings an embedded database to the schema of this program. Another one is only looked at:
  // FAILED_PRECONDITION where its schema is older.
  absl::Status EnsureSchema() const;

  absl::StatusOr<storage::MigrationStatus> SchemaStatus() const;
  absl::StatusOr<storage::MigrationStatus> Migrate() const;

  // Starts an embedded cluster again where it has ended. For a periodic call.
  absl::Status EnsureRunning();

 private:
  Database(std::unique_ptr<storage::EmbeddedCluster> cluster, std::string url);

  const std::unique_ptr<storage::EmbeddedCluster> cluster_;
  const std::string url_;
};

}  // namespace snapledger::app
