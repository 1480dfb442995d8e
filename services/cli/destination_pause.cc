#include <memory>
#include <string>

#include "services/cli/destination_call.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
In every process, within seconds. What is in flight is finished; what is recorded meanwhile waits
and is sent after destination resume, unless it grew too old for Snap by then.

Example:
  snapledger destination pause PIXEL_ID --reason "catalogue is being mended" --insecure)";

struct Options : DestinationOptions {
  std::string reason;
};

int Run(const Options& options, ApiClient& client) {
  v1::PauseDestinationRequest request;
  request.set_reason(options.reason);
  return CallAndPrintDestination<v1::PauseDestinationResponse>(options, request, client);
}

}  // namespace

void AddDestinationPause(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command = parent.add_subcommand(
      "pause", "Stop sending to a destination; its events are still taken in and wait");
  const auto options = std::make_shared<Options>();
  command->add_option("--reason", options->reason,
                      "why, for those who look; up to 256 bytes [that of a pause there is]");
  SetDestinationBody(*command, context, options, Run);
  command->footer(kFooter);
}

}  // namespace snapledger::cli
