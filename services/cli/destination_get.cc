#include <memory>

#include "services/cli/destination_call.h"

namespace snapledger::cli {
namespace {

int Run(const DestinationOptions& options, ApiClient& client) {
  return CallAndPrintDestination<v1::GetDestinationResponse>(options, v1::GetDestinationRequest(),
                                                             client);
}

}  // namespace

void AddDestinationGet(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("get", "Show one destination with the settings in force");
  SetDestinationBody(*command, context, std::make_shared<DestinationOptions>(), Run);
}

}  // namespace snapledger::cli
