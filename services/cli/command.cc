#include "services/cli/command.h"

#include <iostream>
#include <utility>

#include "services/base/error_details.h"
#include "services/cli/choice.h"

namespace snapledger::cli {
namespace {

CLI::App& AddGroup(CLI::App& program, const std::string& name, const std::string& description) {
  CLI::App* const group = program.add_subcommand(name, description);
  group->require_subcommand(1);
  return *group;
}

}  // namespace

void AddOutputFlag(CLI::App& command, OutputForm* output) {
  AddChoice(command, "-o,--output", output,
            Choices<OutputForm>{{"table", OutputForm::kTable}, {"json", OutputForm::kJson}},
            "table for people, json for programs [table]");
}

void SetClientBody(CLI::App& command, const CommandContext& context,
                   std::function<int(ApiClient& client)> body) {
  context.add_client_flags(command);
  command.callback([run = context.run, settings = context.client_settings, body = std::move(body)] {
    *run = [settings, body] {
      const absl::StatusOr<ClientSettings> read = settings();
      if (!read.ok()) {
        PrintError(read.status());
        return kUsageError;
      }
      const absl::StatusOr<std::unique_ptr<ApiClient>> client = ApiClient::Connect(*read);
      if (!client.ok()) {
        PrintError(client.status());
        return kUsageError;
      }
      return body(**client);
    };
  });
}

int PrintError(const absl::Status& status) {
  const base::ErrorDetails details = base::GetErrorDetails(status);
  std::cerr << "snapledger: " << absl::StatusCodeToString(status.code());
  if (details.reason) std::cerr << " (" << base::ErrorReasonName(*details.reason) << ")";
  std::cerr << ": " << status.message() << '\n';
  if (details.field_violations.size() > 1) {
    for (const base::FieldViolation& violation : details.field_violations) {
      std::cerr << "  " << violation.field << ": " << violation.description << '\n';
    }
  }
  return kFailed;
}

void AddClientCommands(CLI::App& program, const CommandContext& context) {
  CLI::App& destination =
      AddGroup(program, "destination", "The Snap pixels and apps that events go to");
  AddDestinationAdd(destination, context);
  AddDestinationList(destination, context);
  AddDestinationGet(destination, context);
  AddDestinationUpdate(destination, context);
  AddDestinationPause(destination, context);
  AddDestinationResume(destination, context);
  AddDestinationRotateToken(destination, context);
  AddDestinationDelete(destination, context);
  CLI::App& events =
      AddGroup(program, "events", "Record events, see what became of them, and decide what shall");
  AddEventsRecord(events, context);
  AddEventsValidate(events, context);
  AddEventsGet(events, context);
  AddEventsList(events, context);
  AddEventsAttempts(events, context);
  AddEventsRedrive(events, context);
  AddEventsResolve(events, context);
  AddEventsCancel(events, context);
  AddEventsWatch(events, context);
  CLI::App& report = AddGroup(program, "report", "How deliveries stand and how well events match");
  AddReportDeliveries(report, context);
  AddReportMatchRate(report, context);
  AddReportSimulate(report, context);
  CLI::App& audit = AddGroup(program, "audit", "Who did what to destinations and events");
  AddAuditList(audit, context);
  AddAuditVerify(audit, context);
}

}  // namespace snapledger::cli
