#include <memory>
#include <string>

#include "services/cli/command.h"
#include "services/cli/destination_view.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
PAUSED says why nothing is sent: an operator's reason, or what Snap refused. A token is named by its
id; its secret is never shown.

Examples:
  snapledger destination get PIXEL_ID --insecure
  snapledger destination get PIXEL_ID -o json --insecure)";

struct Options {
  std::string destination_id;
  OutputForm output = OutputForm::kTable;
};

int Run(const Options& options, ApiClient& client) {
  v1::GetDestinationRequest request;
  request.set_destination_id(options.destination_id);
  v1::GetDestinationResponse response;
  const absl::Status status = client.Call(request, &response);
  if (!status.ok()) return PrintError(status);
  PrintDestination(response.destination(), options.output);
  return kDone;
}

}  // namespace

void AddDestinationGet(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("get", "Show one destination with the settings in force");
  const auto options = std::make_shared<Options>();
  command->add_option("ID", options->destination_id, "Snap Pixel ID or Snap App ID")->required();
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
