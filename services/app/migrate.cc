#include "services/app/migrate.h"

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "services/app/config.h"
#include "services/app/database.h"
#include "services/app/exit_codes.h"
#include "services/app/flags.h"
#include "services/app/open_keys.h"
#include "services/cli/table.h"

namespace snapledger::app {
namespace {

constexpr char kFooter[] = R"(
Steps only go forward, each is one transaction, and processes that migrate at once take turns; it
is safe to repeat. The release before this one runs on the schema this one makes.

With --status exits 0 where the schema is up to date and 1 where it is not, or where there is no
embedded database yet.

Examples:
  snapledger migrate --database postgresql://owner@db/ledger
  snapledger migrate --status)";

struct MigrateOptions {
  Flags flags;
  bool status_only = false;
};

void Print(const storage::MigrationStatus& status) {
  cli::Table table({{"VERSION", cli::Table::Align::kRight}, {"NAME"}, {"APPLIED"}});
  for (const storage::MigrationStatus::Step& step : status.steps) {
    table.AddRow({std::to_string(step.version), step.name,
                  step.applied_time ? absl::FormatTime("%Y-%m-%d %H:%M:%SZ", *step.applied_time,
                                                       absl::UTCTimeZone())
                                    : "not yet"});
  }
  std::cout << table.Render() << "database at version " << status.database_version
            << ", this program at version " << status.program_version << std::endl;
}

int Migrate(const MigrateOptions& options) {
  const absl::StatusOr<Config> config = LoadConfig(options.flags.Given());
  if (!config.ok()) return Complain(config.status(), kUsageError);
  if (const absl::Status setting = CheckDatabaseSetting(config->database); !setting.ok()) {
    return Complain(setting, kUsageError);
  }
  if (options.status_only) {
    // Opening would make one.
    const auto directory = EmbeddedDirectory(config->database);
    std::error_code unreadable;
    if (directory && !std::filesystem::exists(EmbeddedDataFolder(*directory), unreadable)) {
      return Complain(absl::NotFoundError("there is no embedded database in " + *directory +
                                          " yet; `snapledger serve` or `migrate` makes it"),
                      kFailed);
    }
  }
  // Made with the database: once that is there, a missing one is one that was lost.
  const absl::Status made = MakeKeysOfNewDatabase(config->key_file, config->database);
  if (!made.ok()) return Complain(made, kUsageError);
  const auto database = Database::Open(config->database);
  if (!database.ok()) return Complain(database.status(), kFailed);
  const auto status = options.status_only ? (*database)->SchemaStatus() : (*database)->Migrate();
  if (!status.ok()) return Complain(status.status(), kFailed);
  Print(*status);
  return status->up_to_date() || !options.status_only ? kDone : kFailed;
}

}  // namespace

void AddMigrate(CLI::App& program, std::function<int()>* run) {
  CLI::App* const command = program.add_subcommand(
      "migrate", "Bring the schema of the database up to date, or say where it stands");
  const auto options = std::make_shared<MigrateOptions>();
  command->add_flag("--status", options->status_only, "change nothing, only say where it stands");
  options->flags.AddTo(*command, "Settings", {"database"});
  command->footer(kFooter);
  command->callback([options, run] { *run = [options] { return Migrate(*options); }; });
}

}  // namespace snapledger::app
