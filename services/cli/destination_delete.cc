#include <iostream>
#include <memory>
#include <string>

#include "services/cli/command.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
Refused while events of it are not final: deliver, resolve or cancel them before.

Example:
  snapledger destination delete PIXEL_ID --insecure)";

int Run(const std::string& destination_id, ApiClient& client) {
  v1::DeleteDestinationRequest request;
  request.set_destination_id(destination_id);
  v1::DeleteDestinationResponse response;
  const absl::Status status = client.Call(request, &response);
  if (!status.ok()) return PrintError(status);
  std::cout << "deleted " << destination_id << std::endl;
  return kDone;
}

}  // namespace

void AddDestinationDelete(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("delete", "Remove a destination all of whose events are final");
  const auto destination_id = std::make_shared<std::string>();
  command->add_option("ID", *destination_id, "Snap Pixel ID or Snap App ID")->required();
  command->footer(kFooter);
  SetClientBody(*command, context,
                [destination_id](ApiClient& client) { return Run(*destination_id, client); });
}

}  // namespace snapledger::cli
