#include <memory>

#include "services/cli/destination_call.h"

namespace snapledger::cli {
namespace {

int Run(const DestinationOptions& options, ApiClient& client) {
  return CallAndPrintDestination<v1::ResumeDestinationResponse>(
      options, v1::ResumeDestinationRequest(), client);
}

}  // namespace

void AddDestinationResume(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("resume", "Send to a paused or held destination again");
  SetDestinationBody(*command, context, std::make_shared<DestinationOptions>(), Run);
}

}  // namespace snapledger::cli
