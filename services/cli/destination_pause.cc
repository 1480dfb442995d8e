#include <memory>
#include <string>

#include "services/cli/command.h"
#include "services/cli/destination_view.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
In every process, within seconds. What is in flight is finished; what is recorded meanwhile waits
and is sent after destination resume, unless it grew too old for Snap by then.

Example:
  snapledger destination pause PIXEL_ID --reason "catalogue is being mended" --insecure)";

struct Options {
  std::string destination_id, reason;
  OutputForm output = OutputForm::kTable;
};

int Run(const Options& options, ApiClient& client) {
  v1::PauseDestinationRequest request;
  request.set_destination_id(options.destination_id);
  request.set_reason(options.reason);
  v1::PauseDestinationResponse response;
  const absl::Status status = client.Call(request, &response);
  if (!status.ok()) return PrintError(status);
  PrintDestination(response.destination(), options.output);
  return kDone;
}

}  // namespace

void AddDestinationPause(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command = parent.add_subcommand(
      "pause", "Stop sending to a destination; its events are still taken in and wait");
  const auto options = std::make_shared<Options>();
  command->add_option("ID", options->destination_id, "Snap Pixel ID or Snap App ID")->required();
  command->add_option("--reason", options->reason,
                      "why, for those who look; up to 256 bytes [none]");
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
