#include <memory>

#include "services/cli/destination_call.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
Ends a pause, and also a hold because Snap refused the token or a setting; where the cause is still
there, the destination is held again by the next answer.

Example:
  snapledger destination resume PIXEL_ID --insecure)";

int Run(const DestinationOptions& options, ApiClient& client) {
  return CallAndPrintDestination<v1::ResumeDestinationResponse>(
      options, v1::ResumeDestinationRequest(), client);
}

}  // namespace

void AddDestinationResume(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("resume", "Send to a paused or held destination again");
  SetDestinationBody(*command, context, std::make_shared<DestinationOptions>(), Run);
  command->footer(kFooter);
}

}  // namespace snapledger::cli
