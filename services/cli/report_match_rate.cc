#include <google/protobuf/util/message_differencer.h>
#include <google/protobuf/util/time_util.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "services/base/status_macros.h"
#include "services/cli/choice.h"
#include "services/cli/command.h"
#include "services/cli/flag_checks.h"
#include "services/cli/json_output.h"
#include "services/cli/match_rate_page.h"
#include "services/cli/match_rate_view.h"
#include "services/cli/receipt_text.h"
#include "services/cli/time_flags.h"
#include "services/cli/value_concentration_view.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
Which share of the events carries which identifier, what was reported of matches, and what a model
expects; three measures, none made from another. SUPPLIED counts events that had the field, USABLE
those whose value survived normalisation and was no placeholder; only usable ones can match. These
are exact, counted from the ledger; suppressed events are left out. WHEN PRESENT, SOLO and
CONTRIBUTION are the model's rates of events with an identifier, of one with nothing else, and what
would be lost without it; contributions do not add up. The last line is what Snap says it received
of the events of an hour: receipts, which say nothing of matches.

How concentrated values are is of all events of the destination on the days of the range: the share
of the MOST FREQUENT VALUE; EFFECTIVE VALUES, so many equally frequent ones would be as
concentrated; and the most order ids that one value stood on. Few values are counted exactly, many
in sketches: then bounds or the standard error stand there. No value is kept.

--verify counts the events themselves a second time, compares that with the counters and exits 1
where they differ. Events that arrive meanwhile are left out: without --until the range ends when
the command starts.

--html FILE writes one page with plots, which needs nothing beside it.

Examples:
  snapledger report match-rate --destination PIXEL_ID --insecure
  snapledger report match-rate --destination PIXEL_ID --group-by event-name --since 7d --insecure
  snapledger report match-rate --destination PIXEL_ID --since 28d --html rates.html --insecure
  snapledger report match-rate --destination PIXEL_ID --event-name PURCHASE --verify --insecure)";

constexpr int kVerifyTriesMax = 10;
constexpr absl::Duration kVerifyPause = absl::Seconds(1);

struct Options {
  std::string destination, since, until;
  std::vector<std::string> event_names, sources;
  std::vector<v1::Grouping> group_by;
  v1::DenominatorKind denominator = v1::DENOMINATOR_KIND_RECORDED;
  bool verify = false;
  std::string html_file;
  OutputForm output = OutputForm::kTable;
};

absl::StatusOr<v1::GetMatchRatesRequest> RequestOf(const Options& options) {
  v1::GetMatchRatesRequest request;
  request.set_destination(options.destination);
  const absl::Time now = absl::Now();
  SNAPLEDGER_RETURN_IF_ERROR(
      ReadTimeRange(options.since, options.until, now, request.mutable_received()));
  // Two counts of a range that is still growing would differ.
  if (options.verify && options.until.empty()) {
    *request.mutable_received()->mutable_end_time() =
        google::protobuf::util::TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(now));
  }
  for (const std::string& name : options.event_names) request.add_event_names(name);
  for (const std::string& source : options.sources) request.add_sources(source);
  for (const v1::Grouping grouping : options.group_by) request.add_group_by(grouping);
  for (const v1::Measure measure :
       {v1::MEASURE_COVERAGE, v1::MEASURE_OBSERVED, v1::MEASURE_ESTIMATED}) {
    request.add_measures(measure);
  }
  request.set_denominator_kind(options.denominator);
  request.set_value_concentrations(true);
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

// What was begun before the range ended may be committed after it: a difference is looked at again.
int Verify(v1::GetMatchRatesRequest request, ApiClient& client) {
  request.clear_measures();
  request.add_measures(v1::MEASURE_COVERAGE);
  request.set_value_concentrations(false);
  for (int attempt = 1; attempt <= kVerifyTriesMax; ++attempt) {
    if (attempt > 1) absl::SleepFor(kVerifyPause);
    v1::GetMatchRatesResponse counters, recount;
    request.set_recount(false);
    absl::Status status = client.Call(request, &counters);
    request.set_recount(true);
    if (status.ok()) status = client.Call(request, &recount);
    if (!status.ok()) return PrintError(status);
    if (!SameCounts(counters, recount)) continue;
    std::cerr << "verified: a recount of the events gives the same numbers, difference 0\n";
    return kDone;
  }
  std::cerr << "the counters differ from a recount of the events\n";
  return kFailed;
}

// The same events without what only a server knows.
v1::SimulateMatchRateRequest PixelOnly(const v1::GetMatchRatesRequest& rates) {
  v1::SimulateMatchRateRequest request;
  request.set_destination(rates.destination());
  *request.mutable_received() = rates.received();
  *request.mutable_event_names() = rates.event_names();
  *request.mutable_sources() = rates.sources();
  for (const v1::IdentifierKind kind :
       {v1::IDENTIFIER_KIND_EMAIL, v1::IDENTIFIER_KIND_PHONE, v1::IDENTIFIER_KIND_MOBILE_AD_ID,
        v1::IDENTIFIER_KIND_EXTERNAL_ID, v1::IDENTIFIER_KIND_IDFV}) {
    v1::CoverageChange* const change = request.add_changes();
    change->set_kind(kind);
    change->set_coverage(0);
  }
  return request;
}

// What Snap says it received: apart from the measures, since it is none of matches.
absl::StatusOr<std::string> Receipts(const std::string& destination, ApiClient& client) {
  v1::GetDeliveryStatsRequest request;
  request.set_destination(destination);
  v1::GetDeliveryStatsResponse response;
  SNAPLEDGER_RETURN_IF_ERROR(client.Call(request, &response));
  if (response.destinations().empty()) return absl::NotFoundError("no such destination");
  return ReceiptsNote(response.destinations(0));
}

int WritePage(v1::GetMatchRatesRequest request, const std::string& receipts,
              const std::string& file, ApiClient& client) {
  MatchRatePage page{
      .destination = request.destination(), .made = absl::Now(), .receipts = receipts};
  request.clear_group_by();
  absl::Status status = client.Call(request, &page.whole);
  request.add_group_by(v1::GROUPING_DAY);
  request.set_value_concentrations(false);
  if (status.ok()) status = client.Call(request, &page.by_day);
  if (status.ok()) status = client.Call(PixelOnly(request), &page.pixel_only);
  if (!status.ok()) return PrintError(status);
  std::ofstream output(file, std::ios::binary | std::ios::trunc);
  output << RenderMatchRatePage(page) << std::flush;
  if (!output) {
    return PrintError(absl::FailedPreconditionError("cannot write the file " + file));
  }
  std::cerr << "wrote " << file << "\n";
  return kDone;
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
  absl::StatusOr<std::string> receipts = "";
  if (options.output == OutputForm::kTable || !options.html_file.empty()) {
    receipts = Receipts(options.destination, client);
  }
  if (!receipts.ok()) return PrintError(receipts.status());
  if (options.output == OutputForm::kJson) {
    std::cout << JsonOf(response, /*indented=*/true) << std::flush;
  } else {
    std::cout << RenderMatchRates(response, options.group_by, StandardOutput());
    if (!response.rows().empty()) std::cout << RenderValueConcentrations(response) << "\n";
    std::cout << "receipts    " << *receipts << "\n" << std::flush;
  }
  if (response.rows().empty() && !options.event_names.empty()) {
    std::cerr << "no event of these names was received; names are Snap's, e.g. PURCHASE or "
                 "ADD_CART, or those of your custom events\n";
  }
  int result = kDone;
  if (!options.html_file.empty()) {
    result = WritePage(*request, *receipts, options.html_file, client);
  }
  return options.verify && result == kDone ? Verify(*request, client) : result;
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
      ->type_name("TIME")
      ->check(IsNotEmpty());
  command.add_option("--until", options->until, "received before here, likewise [now]")
      ->type_name("TIME")
      ->check(IsNotEmpty());
  command.add_option("--event-name", options->event_names, "only these, Snap's spelling [all]")
      ->type_name("NAME")
      ->check(IsNotEmpty());
  command.add_option("--source", options->sources, "only from these sources [all]")
      ->type_name("NAME");
  AddChoice(command, "--group-by", &options->group_by, groupings, "a row for each [one row]")
      ->delimiter(',');
  AddChoice(command, "--of", &options->denominator, denominators, "the events to count [recorded]");
}

}  // namespace

void AddReportMatchRate(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command = parent.add_subcommand(
      "match-rate", "Coverage of identifiers, observed and estimated match rates");
  const auto options = std::make_shared<Options>();
  AddSelection(*command, options.get());
  command->add_flag("--verify", options->verify, "compare with a recount of the events");
  command->add_option("--html", options->html_file, "also write a page with plots here [none]")
      ->type_name("FILE");
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
