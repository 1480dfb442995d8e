#include <google/protobuf/util/message_differencer.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "services/base/status_macros.h"
#include "services/cli/choice.h"
#include "services/cli/command.h"
#include "services/cli/json_output.h"
#include "services/cli/match_rate_view.h"
#include "services/cli/time_flags.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
Which share of the events carries which identifier. SUPPLIED counts events that had the field,
USABLE those whose value survived normalisation and was no placeholder; only usable ones can match.
The numbers are exact, counted from the ledger; suppressed events are left out.

--verify counts the events themselves a second time, compares that with the counters and exits 1
where they differ.

Examples:
  snapledger report match-rate --destination PIXEL_ID --insecure
  snapledger report match-rate --destination PIXEL_ID --group-by event-name --since 7d --insecure
  snapledger report match-rate --destination PIXEL_ID --event-name PURCHASE --verify --insecure)";

struct Options {
  std::string destination, since, until;
  std::vector<std::string> event_names, sources;
  std::vector<v1::Grouping> group_by;
  v1::DenominatorKind denominator = v1::DENOMINATOR_KIND_RECORDED;
  bool verify = false;
  OutputForm output = OutputForm::kTable;
};

absl::StatusOr<v1::GetMatchRatesRequest> RequestOf(const Options& options) {
  v1::GetMatchRatesRequest request;
  request.set_destination(options.destination);
  SNAPLEDGER_RETURN_IF_ERROR(
      ReadTimeRange(options.since, options.until, absl::Now(), request.mutable_received()));
  for (const std::string& name : options.event_names) request.add_event_names(name);
  for (const std::string& source : options.sources) request.add_sources(source);
  for (const v1::Grouping grouping : options.group_by) request.add_group_by(grouping);
  request.add_measures(v1::MEASURE_COVERAGE);
  request.set_denominator_kind(options.denominator);
  return request;
}

// Two counts of the same rows, their times of counting aside.
bool SameCounts(const v1::GetMatchRatesResponse& counters,
                const v1::GetMatchRatesResponse& recount) {
  google::protobuf::util::MessageDifferencer differencer;
  for (const char* const field : {"as_of", "data_through", "method"}) {
    differencer.IgnoreField(v1::MeasuredValue::descriptor()->FindFieldByName(field));
  }
  return differencer.Compare(counters, recount);
}

int Verify(v1::GetMatchRatesRequest request, const v1::GetMatchRatesResponse& counters,
           ApiClient& client) {
  request.set_recount(true);
  v1::GetMatchRatesResponse recount;
  const absl::Status status = client.Call(request, &recount);
  if (!status.ok()) return PrintError(status);
  const bool same = SameCounts(counters, recount);
  std::cerr << (same ? "verified: a recount of the events gives the same numbers\n"
                     : "the counters differ from a recount of the events; where events arrive at "
                       "this moment, end the range before now with --until and repeat\n");
  return same ? kDone : kFailed;
}

int Run(const Options& options, ApiClient& client) {
  const absl::StatusOr<v1::GetMatchRatesRequest> request = RequestOf(options);
  if (!request.ok()) {
    PrintError(request.status());
    return kUsageError;
  }
  v1::GetMatchRatesResponse response;
  const absl::Status status = client.Call(*request, &response);
  if (!status.ok()) return PrintError(status);
  if (options.output == OutputForm::kJson) {
    std::cout << JsonOf(response, /*indented=*/true) << std::flush;
  } else {
    std::cout << RenderMatchRates(response, options.group_by, StandardOutput()) << std::flush;
  }
  if (response.rows().empty() && !options.event_names.empty()) {
    std::cerr << "no event of these names was received; names are Snap's, e.g. PURCHASE or "
                 "ADD_CART, or those of your custom events\n";
  }
  return options.verify ? Verify(*request, response, client) : kDone;
}

void AddSelection(CLI::App& command, Options* options) {
  const Choices<v1::Grouping> groupings = {{"event-name", v1::GROUPING_EVENT_NAME},
                                           {"source", v1::GROUPING_SOURCE},
                                           {"action-source", v1::GROUPING_ACTION_SOURCE},
                                           {"hour", v1::GROUPING_HOUR},
                                           {"day", v1::GROUPING_DAY}};
  const Choices<v1::DenominatorKind> denominators = {{"recorded", v1::DENOMINATOR_KIND_RECORDED},
                                                     {"delivered", v1::DENOMINATOR_KIND_DELIVERED}};
  command.add_option("--destination", options->destination, "Snap Pixel ID or Snap App ID")
      ->type_name("ID")
      ->required();
  command
      .add_option("--since", options->since,
                  "received from here on: a time such as 2026-11-23T00:00:00Z or an age such as "
                  "7d [the beginning]")
      ->type_name("TIME");
  command.add_option("--until", options->until, "received before here, likewise [now]")
      ->type_name("TIME");
  command.add_option("--event-name", options->event_names, "only these, Snap's spelling [all]")
      ->type_name("NAME");
  command.add_option("--source", options->sources, "only from these sources [all]")
      ->type_name("NAME");
  AddChoice(command, "--group-by", &options->group_by, groupings, "a row for each [one row]")
      ->delimiter(',');
  AddChoice(command, "--of", &options->denominator, denominators, "the events to count [recorded]");
}

}  // namespace

void AddReportMatchRate(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("match-rate", "Which share of the events carries which identifier");
  const auto options = std::make_shared<Options>();
  AddSelection(*command, options.get());
  command->add_flag("--verify", options->verify, "compare with a recount of the events");
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
