#include <iostream>
#include <memory>

#include "services/cli/act_flags.h"
#include "services/cli/command.h"
#include "services/cli/json_output.h"
#include "services/cli/table.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
Settles events that were sent and whose outcome nobody knows. --assume-delivered makes them
DELIVERED without a send. --send-again sends them, whatever was sent before: Snap may count them
twice.

Examples:
  snapledger events resolve --destination PIXEL_ID --assume-delivered \
      --reason "seen in Ads Manager" --insecure
  snapledger events resolve --destination PIXEL_ID --send-again \
      --state expired-in-doubt --insecure)";

struct Options {
  ActFlags act;
  bool assume_delivered = false, send_again = false;
};

void Print(const v1::ResolveInDoubtEventsResponse& response, bool dry_run, OutputForm output) {
  if (output == OutputForm::kJson) {
    std::cout << JsonOf(response, /*indented=*/true) << std::flush;
    return;
  }
  std::cout << Counted(response.resolved(), "event")
            << (dry_run ? " would be resolved" : " resolved") << std::endl;
}

int Run(const Options& options, ApiClient& client) {
  if (!options.assume_delivered && !options.send_again) {
    std::cerr << "snapledger: say what became of them: --assume-delivered or --send-again\n";
    return kUsageError;
  }
  const absl::StatusOr<v1::EventSelection> selection = options.act.Selection();
  if (!selection.ok()) {
    PrintError(selection.status());
    return kUsageError;
  }
  v1::ResolveInDoubtEventsRequest request;
  *request.mutable_selection() = *selection;
  request.set_resolution(options.send_again ? v1::IN_DOUBT_RESOLUTION_SEND_AGAIN
                                            : v1::IN_DOUBT_RESOLUTION_ASSUME_DELIVERED);
  request.set_reason(options.act.reason());
  v1::ResolveInDoubtEventsResponse response;
  return options.act.Run(
      options.send_again ? "Snap may count them twice. Send again" : "Assume as delivered",
      *selection,
      [&](bool dry_run) -> absl::StatusOr<int64_t> {
        request.set_dry_run(dry_run);
        response.Clear();
        const absl::Status status = client.Call(request, &response);
        if (!status.ok()) return status;
        return response.resolved();
      },
      [&] { Print(response, request.dry_run(), options.act.output()); });
}

}  // namespace

void AddEventsResolve(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("resolve", "Settle events whose delivery is in doubt");
  const auto options = std::make_shared<Options>();
  options->act.AddTo(*command, "in-doubt and expired-in-doubt");
  CLI::Option* const assume_delivered =
      command->add_flag("--assume-delivered", options->assume_delivered, "Snap has them");
  command
      ->add_flag("--send-again", options->send_again, "send them anew; Snap may count them twice")
      ->excludes(assume_delivered);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
