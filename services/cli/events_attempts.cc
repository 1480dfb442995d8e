#include <iostream>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "services/cli/command.h"
#include "services/cli/event_view.h"
#include "services/cli/flag_checks.h"
#include "services/cli/json_output.h"
#include "services/cli/page_follower.h"
#include "services/cli/terminal.h"
#include "services/cli/time_flags.h"

namespace snapledger::cli {
namespace {

constexpr int64_t kLimitDefault = 50;
constexpr char kFooter[] = R"(
Requests that were sent to Snap, newest first, with what came of them: of the destination, or with
EVENT_ID those that carried this event.

Examples:
  snapledger events attempts --destination PIXEL_ID --since 1h
  snapledger events attempts --destination PIXEL_ID EVENT_ID -o json)";

struct Options {
  std::string destination, event_id, since, until;
  int64_t limit = kLimitDefault;
  OutputForm output = OutputForm::kTable;
};

int Run(const Options& options, ApiClient& client) {
  v1::ListAttemptsRequest request;
  request.set_destination(options.destination);
  request.set_event_id(options.event_id);
  const absl::Status read =
      ReadTimeRange(options.since, options.until, absl::Now(), request.mutable_sent());
  if (!read.ok()) {
    PrintError(read);
    return kUsageError;
  }
  return PrintList<v1::ListAttemptsRequest, v1::ListAttemptsResponse, v1::Attempt>(
      client, request, options.limit, options.output, &v1::ListAttemptsResponse::mutable_attempts,
      [&](const auto& attempts) { return AttemptTable(attempts, !options.event_id.empty()); },
      "no attempts that match");
}

}  // namespace

void AddEventsAttempts(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("attempts", "List the requests that were sent to Snap");
  const auto options = std::make_shared<Options>();
  command->add_option("--destination", options->destination, "Snap Pixel ID or Snap App ID")
      ->required();
  command->add_option("EVENT_ID", options->event_id, "only those that carried this event [all]")
      ->check(IsNotEmpty());
  command
      ->add_option("--since", options->since,
                   "sent from here on: a time such as 2026-11-23T00:00:00Z or an age such as 7d "
                   "[the beginning]")
      ->check(IsNotEmpty());
  command->add_option("--until", options->until, "sent before here, likewise [now]")
      ->check(IsNotEmpty());
  command->add_option("--limit", options->limit, "at most so many; 0: all [50]")->check(IsLimit());
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
