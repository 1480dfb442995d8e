#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/cli/api_client.h"

namespace snapledger::cli {

// Exit codes of the program.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsageError = 2;

// How a command takes part in the program: it adds itself to the parser, and when it was the one
// given, sets `*run`, which main calls after the parse and whose result is the exit code.
struct CommandContext {
  std::function<int()>* run;
  // Adds --server, --insecure and their like to a command.
  std::function<void(CLI::App& command)> add_client_flags;
  // What they and the other sources of settings say, once the parse is done.
  std::function<absl::StatusOr<ClientSettings>()> client_settings;
};

enum class OutputForm { kTable, kJson };

// Adds -o/--output.
void AddOutputFlag(CLI::App& command, OutputForm* output);

// Makes `command` run `body` with a connected client; errors are printed. `body` returns the exit
// code.
void SetClientBody(CLI::App& command, const CommandContext& context,
                   std::function<int(ApiClient& client)> body);

// Prints a status for people, field by field, and returns kFailed.
int PrintError(const absl::Status& status);

// One file per command; each adds itself below `parent`.
void AddAuditList(CLI::App& parent, const CommandContext& context);
void AddAuditVerify(CLI::App& parent, const CommandContext& context);
void AddDestinationAdd(CLI::App& parent, const CommandContext& context);
void AddDestinationDelete(CLI::App& parent, const CommandContext& context);
void AddDestinationGet(CLI::App& parent, const CommandContext& context);
void AddDestinationList(CLI::App& parent, const CommandContext& context);
void AddDestinationPause(CLI::App& parent, const CommandContext& context);
void AddDestinationResume(CLI::App& parent, const CommandContext& context);
void AddDestinationRotateToken(CLI::App& parent, const CommandContext& context);
void AddDestinationUpdate(CLI::App& parent, const CommandContext& context);
void AddEventsAttempts(CLI::App& parent, const CommandContext& context);
void AddEventsCancel(CLI::App& parent, const CommandContext& context);
void AddEventsGet(CLI::App& parent, const CommandContext& context);
void AddEventsList(CLI::App& parent, const CommandContext& context);
void AddEventsRecord(CLI::App& parent, const CommandContext& context);
void AddEventsRedrive(CLI::App& parent, const CommandContext& context);
void AddEventsResolve(CLI::App& parent, const CommandContext& context);
void AddEventsValidate(CLI::App& parent, const CommandContext& context);
void AddEventsWatch(CLI::App& parent, const CommandContext& context);
void AddReportDeliveries(CLI::App& parent, const CommandContext& context);
void AddReportMatchRate(CLI::App& parent, const CommandContext& context);
void AddReportSimulate(CLI::App& parent, const CommandContext& context);

// All of the above in their groups.
void AddClientCommands(CLI::App& program, const CommandContext& context);

}  // namespace snapledger::cli
