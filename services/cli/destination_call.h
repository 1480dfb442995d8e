#pragma once

#include <memory>
#include <string>
#include <utility>

#include "services/cli/command.h"
#include "services/cli/destination_view.h"

namespace snapledger::cli {

// What a command of one destination that prints it is given.
struct DestinationOptions {
  std::string destination_id;
  OutputForm output = OutputForm::kTable;
};

// Sends a request about one destination and prints the destination it answers with. Returns the
// exit code.
template <typename Response, typename Request>
int CallAndPrintDestination(const DestinationOptions& options, Request request, ApiClient& client) {
  request.set_destination_id(options.destination_id);
  Response response;
  const absl::Status status = client.Call(request, &response);
  if (!status.ok()) return PrintError(status);
  PrintDestination(response.destination(), options.output);
  return kDone;
}

// Adds ID and -o; `run` gives the exit code. `options` are kept as long as the command.
template <typename Options>
void SetDestinationBody(CLI::App& command, const CommandContext& context,
                        std::shared_ptr<Options> options,
                        int (*run)(const Options& options, ApiClient& client)) {
  command.add_option("ID", options->destination_id, "Snap Pixel ID or Snap App ID")->required();
  AddOutputFlag(command, &options->output);
  SetClientBody(command, context, [options = std::move(options), run](ApiClient& client) {
    return run(*options, client);
  });
}

}  // namespace snapledger::cli
