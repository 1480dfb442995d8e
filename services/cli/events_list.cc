#include <iostream>
#include <memory>

#include "absl/time/clock.h"
#include "services/cli/command.h"
#include "services/cli/event_filter_flags.h"
#include "services/cli/event_view.h"
#include "services/cli/flag_checks.h"
#include "services/cli/json_output.h"
#include "services/cli/page_follower.h"
#include "services/cli/terminal.h"

namespace snapledger::cli {
namespace {

constexpr int64_t kLimitDefault = 50;
constexpr char kFooter[] = R"(
Events newest first. Each filter narrows the list; values of one are alternatives. A person is found
by exactly one identifier, normalised and hashed by the service as when the event was recorded.

Examples:
  snapledger events list --destination PIXEL_ID --state rejected,expired --since 24h
  snapledger events list --destination PIXEL_ID --order-id 10254
  snapledger events list --destination PIXEL_ID --person email=- --limit 0 -o json)";

struct Options {
  EventFilterFlags filter;
  int64_t limit = kLimitDefault;
  OutputForm output = OutputForm::kTable;
};

int Run(const Options& options, ApiClient& client) {
  v1::ListEventsRequest request;
  if (const absl::Status read = options.filter.Apply(absl::Now(), &request); !read.ok()) {
    PrintError(read);
    return kUsageError;
  }
  return PrintList<v1::ListEventsRequest, v1::ListEventsResponse, v1::EventStatus>(
      client, request, options.limit, options.output, &v1::ListEventsResponse::mutable_events,
      EventTable, "no events that match");
}

}  // namespace

void AddEventsList(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("list", "List events by state, name, source, order, person or time");
  const auto options = std::make_shared<Options>();
  options->filter.AddTo(*command);
  command->add_option("--limit", options->limit, "at most so many; 0: all [50]")->check(IsLimit());
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
