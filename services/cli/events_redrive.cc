#include <iostream>
#include <memory>

#include "services/cli/act_flags.h"
#include "services/cli/command.h"
#include "services/cli/json_output.h"
#include "services/cli/table.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
Sends events again that were given up: once what Snap refused them for is mended. They go in
requests of their own, so that those that are still refused hold up no others. Events that were in
doubt are sent only while Snap still recognises a repeat; `events resolve --send-again` sends them
later, too.
With --max-events-per-second the sends are spread over time; it is the pace of this call alone.

Examples:
  snapledger events redrive --destination PIXEL_ID --dry-run --insecure
  snapledger events redrive --destination PIXEL_ID --event-name PURCHASE --since 2d \
      --reason "currency was wrong" --max-events-per-second 100 --insecure
  snapledger events redrive --destination PIXEL_ID --ids-file ids.txt --yes --insecure)";

struct Options {
  ActFlags act;
  double max_events_per_second = 0;
};

void Print(const v1::RedriveEventsResponse& response, bool dry_run, OutputForm output) {
  if (output == OutputForm::kJson) {
    std::cout << JsonOf(response, /*indented=*/true) << std::flush;
    return;
  }
  std::cout << Counted(response.matched(), "event") << " matched";
  if (!dry_run) {
    const int64_t redriven = response.redriven();
    std::cout << ", " << Grouped(redriven) << (redriven == 1 ? " is" : " are") << " sent again";
  }
  std::cout << std::endl;
}

int Run(const Options& options, ApiClient& client) {
  const absl::StatusOr<v1::EventSelection> selection = options.act.Selection();
  if (!selection.ok()) {
    PrintError(selection.status());
    return kUsageError;
  }
  v1::RedriveEventsRequest request;
  *request.mutable_selection() = *selection;
  request.set_max_events_per_second(options.max_events_per_second);
  request.set_reason(options.act.reason());
  v1::RedriveEventsResponse response;
  return options.act.Run(
      "Send again", *selection,
      [&](bool dry_run) -> absl::StatusOr<int64_t> {
        request.set_dry_run(dry_run);
        response.Clear();
        const absl::Status status = client.Call(request, &response);
        if (!status.ok()) return status;
        return dry_run ? response.matched() : response.redriven();
      },
      [&] { Print(response, request.dry_run(), options.act.output()); });
}

}  // namespace

void AddEventsRedrive(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("redrive", "Send events again that were refused or given up");
  const auto options = std::make_shared<Options>();
  options->act.AddTo(*command, "rejected, expired and exhausted");
  command->add_option("--max-events-per-second", options->max_events_per_second,
                      "spread the sends over time [0: as fast as the destination allows]");
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
