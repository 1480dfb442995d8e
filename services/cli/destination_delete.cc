#include <iostream>
#include <memory>
#include <string>

#include "services/base/text.h"
#include "services/cli/command.h"
#include "services/cli/terminal.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
Refused while an event of the destination is PENDING, IN_FLIGHT or IN_DOUBT. Its access tokens are
gone at once; what was recorded is kept, and known again where a destination is made by the same ID.
Asks on a terminal; elsewhere, and in scripts, give --yes.

Examples:
  snapledger destination delete PIXEL_ID --insecure
  snapledger destination delete PIXEL_ID --yes --insecure)";

struct Options {
  std::string destination_id;
  bool yes = false;
};

int Run(const Options& options, ApiClient& client) {
  if (!options.yes && !CanAsk()) {
    std::cerr << "snapledger: there is no terminal to ask on: give --yes\n";
    return kUsageError;
  }
  if (!options.yes && !Confirm(base::Concat("Delete destination ", options.destination_id, "?"))) {
    std::cerr << kNothingChanged;
    return kFailed;
  }
  v1::DeleteDestinationRequest request;
  request.set_destination_id(options.destination_id);
  v1::DeleteDestinationResponse response;
  const absl::Status status = client.Call(request, &response);
  if (!status.ok()) return PrintError(status);
  std::cout << "deleted " << options.destination_id << std::endl;
  return kDone;
}

}  // namespace

void AddDestinationDelete(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("delete", "Remove a destination all of whose events are final");
  const auto options = std::make_shared<Options>();
  command->add_option("ID", options->destination_id, "Snap Pixel ID or Snap App ID")->required();
  command->add_flag("--yes", options->yes, "do not ask");
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
  command->footer(kFooter);
}

}  // namespace snapledger::cli
