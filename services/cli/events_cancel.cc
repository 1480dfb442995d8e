#include <iostream>
#include <memory>

#include "services/cli/act_flags.h"
#include "services/cli/command.h"
#include "services/cli/json_output.h"
#include "services/cli/table.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
Takes back events that wait: they are never sent. What is in flight is not touched; where events of
the destination are being sent, pause it first, or repeat.

Examples:
  snapledger events cancel --destination PIXEL_ID --dry-run --insecure
  snapledger events cancel --destination PIXEL_ID --event-id order-17 \
      --reason "test order" --insecure)";

void Print(const v1::CancelEventsResponse& response, bool dry_run, OutputForm output) {
  if (output == OutputForm::kJson) {
    std::cout << JsonOf(response, /*indented=*/true) << std::flush;
    return;
  }
  std::cout << Counted(response.canceled(), "event")
            << (dry_run ? " would be canceled" : " canceled") << std::endl;
}

int Run(const ActFlags& act, ApiClient& client) {
  const absl::StatusOr<v1::EventSelection> selection = act.Selection();
  if (!selection.ok()) {
    PrintError(selection.status());
    return kUsageError;
  }
  v1::CancelEventsRequest request;
  *request.mutable_selection() = *selection;
  request.set_reason(act.reason());
  v1::CancelEventsResponse response;
  return act.Run(
      "Cancel", *selection,
      [&](bool dry_run) -> absl::StatusOr<int64_t> {
        request.set_dry_run(dry_run);
        response.Clear();
        const absl::Status status = client.Call(request, &response);
        if (!status.ok()) return status;
        return response.canceled();
      },
      [&] { Print(response, request.dry_run(), act.output()); });
}

}  // namespace

void AddEventsCancel(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("cancel", "Take back events that wait to be sent");
  const auto act = std::make_shared<ActFlags>();
  act->AddTo(*command, "pending and in-doubt");
  command->footer(kFooter);
  SetClientBody(*command, context, [act](ApiClient& client) { return Run(*act, client); });
}

}  // namespace snapledger::cli
