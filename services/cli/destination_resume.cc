#include <memory>
#include <string>

#include "services/cli/command.h"
#include "services/cli/destination_view.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
Ends a pause, and also a hold because Snap refused the token or a setting; where the cause is still
there, the destination is held again by the next answer.

Example:
  snapledger destination resume PIXEL_ID --insecure)";

struct Options {
  std::string destination_id;
  OutputForm output = OutputForm::kTable;
};

int Run(const Options& options, ApiClient& client) {
  v1::ResumeDestinationRequest request;
  request.set_destination_id(options.destination_id);
  v1::ResumeDestinationResponse response;
  const absl::Status status = client.Call(request, &response);
  if (!status.ok()) return PrintError(status);
  PrintDestination(response.destination(), options.output);
  return kDone;
}

}  // namespace

void AddDestinationResume(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("resume", "Send to a paused or held destination again");
  const auto options = std::make_shared<Options>();
  command->add_option("ID", options->destination_id, "Snap Pixel ID or Snap App ID")->required();
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
