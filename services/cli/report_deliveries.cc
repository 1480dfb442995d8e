#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "services/cli/command.h"
#include "services/cli/destination_view.h"
#include "services/cli/flag_checks.h"
#include "services/cli/json_output.h"
#include "services/cli/receipt_text.h"
#include "services/cli/table.h"
#include "services/cli/terminal.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
One row a destination: how many of its events stand in which state, the oldest that still waits, and
how fast it delivers, the requests a second that it is sent just now and whether the circuit breaker
lets any pass. States no event is in are left out. RECEIPTS: what Snap says it received in an hour,
of what was delivered in it; it says nothing of matches.

Examples:
  snapledger report deliveries --insecure
  snapledger report deliveries --destination PIXEL_ID -o json --insecure)";

struct Options {
  std::string destination;
  OutputForm output = OutputForm::kTable;
};

// The states to show: those that are, and always what waits and what is delivered.
std::set<v1::DeliveryState> StatesOf(const v1::GetDeliveryStatsResponse& stats) {
  std::set<v1::DeliveryState> states = {v1::DELIVERY_STATE_PENDING, v1::DELIVERY_STATE_DELIVERED};
  for (const v1::DestinationDelivery& destination : stats.destinations()) {
    for (const v1::StateCount& count : destination.counts()) {
      if (count.count() != 0) states.insert(count.state());
    }
  }
  return states;
}

int64_t CountOf(const v1::DestinationDelivery& destination, v1::DeliveryState state) {
  for (const v1::StateCount& count : destination.counts()) {
    if (count.state() == state) return count.count();
  }
  return 0;
}

void PrintTable(const v1::GetDeliveryStatsResponse& stats) {
  const std::set<v1::DeliveryState> states = StatesOf(stats);
  std::vector<Table::Column> columns = {{"DESTINATION"}};
  for (const v1::DeliveryState state : states) {
    columns.push_back(
        {ShortName(v1::DeliveryState_Name(state), "DELIVERY_STATE_"), Table::Align::kRight});
  }
  columns.push_back({"PER SECOND", Table::Align::kRight});
  columns.push_back({"RECEIPTS", Table::Align::kRight});
  columns.push_back({"REQUESTS LIMIT", Table::Align::kRight});
  columns.push_back({"BREAKER"});
  columns.push_back({"OLDEST PENDING"});
  columns.push_back({"PAUSED"});
  Table table(std::move(columns));
  for (const v1::DestinationDelivery& destination : stats.destinations()) {
    std::vector<std::string> row = {destination.destination()};
    for (const v1::DeliveryState state : states)
      row.push_back(Grouped(CountOf(destination, state)));
    row.push_back(absl::StrFormat("%.1f", destination.delivered_per_second()));
    row.push_back(ReceiptsOf(destination));
    row.push_back(absl::StrFormat("%.2f/s", destination.requests_per_second_limit()));
    row.push_back(ShortName(v1::BreakerState_Name(destination.breaker_state()), "BREAKER_STATE_"));
    row.push_back(TimeText(destination.has_oldest_pending_time(),
                           destination.oldest_pending_time().seconds()));
    row.push_back(PausedText(destination.paused(), destination.paused_reason()));
    table.AddRow(std::move(row));
  }
  for (const v1::DestinationDelivery& destination : stats.destinations()) {
    if (destination.set_aside_events() == 0) continue;
    std::cerr << "snapledger: set aside of " << destination.destination() << ": "
              << Counted(destination.set_aside_events(), "event")
              << ", which cannot be read from the ledger; see the service's log\n";
  }
  const bool colour = StandardOutput().colour;
  std::cout << table.Render(colour ? kBold : "", colour ? kPlain : "");
  std::cout << "as of " << TimeText(true, stats.as_of().seconds()) << std::endl;
}

int Run(const Options& options, ApiClient& client) {
  v1::GetDeliveryStatsRequest request;
  request.set_destination(options.destination);
  v1::GetDeliveryStatsResponse response;
  const absl::Status status = client.Call(request, &response);
  if (!status.ok()) return PrintError(status);
  if (options.output == OutputForm::kJson) {
    std::cout << JsonOf(response, /*indented=*/true);
  } else {
    PrintTable(response);
  }
  return kDone;
}

}  // namespace

void AddReportDeliveries(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("deliveries", "How many events stand in which state, by destination");
  const auto options = std::make_shared<Options>();
  command->add_option("--destination", options->destination, "only this one [all]")
      ->type_name("ID")
      ->check(IsNotEmpty());
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
