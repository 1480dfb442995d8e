#include <iostream>
#include <memory>
#include <string>

#include "services/cli/command.h"
#include "services/cli/destination_view.h"
#include "services/cli/json_output.h"
#include "services/cli/table.h"
#include "services/cli/terminal.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
The settings of each are shown by destination get; the whole of all by -o json.

Example:
  snapledger destination list --insecure)";

constexpr int kPageSize = 500;

void PrintTable(const v1::ListDestinationsResponse& all) {
  Table table({{"DESTINATION"}, {"KIND"}, {"NAME"}, {"PAUSED"}, {"MADE"}});
  for (const v1::Destination& destination : all.destinations()) {
    table.AddRow({destination.destination_id(), KindName(destination.kind()),
                  destination.display_name(),
                  PausedText(destination.paused(), destination.paused_reason()),
                  TimeText(true, destination.create_time().seconds())});
  }
  if (table.empty()) {
    std::cout << "no destinations yet; `snapledger destination add` makes one" << std::endl;
    return;
  }
  const bool colour = StandardOutput().colour;
  std::cout << table.Render(colour ? kBold : "", colour ? kPlain : "") << std::flush;
}

int Run(OutputForm output, ApiClient& client) {
  v1::ListDestinationsRequest request;
  request.set_page_size(kPageSize);
  v1::ListDestinationsResponse all;
  do {
    v1::ListDestinationsResponse page;
    const absl::Status status = client.Call(request, &page);
    if (!status.ok()) return PrintError(status);
    all.mutable_destinations()->MergeFrom(page.destinations());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (output == OutputForm::kJson) {
    std::cout << JsonOf(all, /*indented=*/true);
  } else {
    PrintTable(all);
  }
  return kDone;
}

}  // namespace

void AddDestinationList(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command = parent.add_subcommand("list", "List all destinations");
  const auto output = std::make_shared<OutputForm>(OutputForm::kTable);
  AddOutputFlag(*command, output.get());
  command->footer(kFooter);
  SetClientBody(*command, context, [output](ApiClient& client) { return Run(*output, client); });
}

}  // namespace snapledger::cli
