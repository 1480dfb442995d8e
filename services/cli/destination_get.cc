#include <memory>

#include "services/cli/destination_call.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
PAUSED says why nothing is sent: an operator's reason, or what Snap refused. A token is named by its
id; its secret is never shown.

Examples:
  snapledger destination get PIXEL_ID --insecure
  snapledger destination get PIXEL_ID -o json --insecure)";

int Run(const DestinationOptions& options, ApiClient& client) {
  return CallAndPrintDestination<v1::GetDestinationResponse>(options, v1::GetDestinationRequest(),
                                                             client);
}

}  // namespace

void AddDestinationGet(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("get", "Show one destination with the settings in force");
  SetDestinationBody(*command, context, std::make_shared<DestinationOptions>(), Run);
  command->footer(kFooter);
}

}  // namespace snapledger::cli
