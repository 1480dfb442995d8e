#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/cli/command.h"
#include "services/cli/flag_checks.h"
#include "services/cli/json_output.h"
#include "services/cli/measured_text.h"
#include "services/cli/table.h"
#include "services/cli/time_flags.h"

namespace snapledger::cli {
namespace {

constexpr char kMatchingKinds[] =
    "email, phone, mobile-ad-id, ip-and-user-agent, click-id, cookie1, external-id, idfv";
constexpr char kFooter[] = R"(
What other coverage would make of the estimated match rate, and what is best done about it: a ranked
list of identifiers to raise, each on one event name and source to the best another one has. The
same part of every exact set of identifiers is moved, so what identifiers have in common is counted
once. Where too little is known for a number, the command says why.

Examples:
  snapledger report simulate --destination PIXEL_ID --insecure
  snapledger report simulate --destination PIXEL_ID --set phone=78% --set email=0.95 --insecure
  snapledger report simulate --destination PIXEL_ID --event-name PURCHASE --set click-id=0 \
      --since 28d -o json --insecure)";

struct Options {
  std::string destination, since, until;
  std::vector<std::string> event_names, sources, changes;
  OutputForm output = OutputForm::kTable;
};

// The service says why it takes no other one.
absl::StatusOr<v1::IdentifierKind> ParseKind(const std::string& word) {
  std::string name = absl::AsciiStrToUpper(word);
  std::replace(name.begin(), name.end(), '-', '_');
  v1::IdentifierKind kind = v1::IDENTIFIER_KIND_UNSPECIFIED;
  if (v1::IdentifierKind_Parse("IDENTIFIER_KIND_" + name, &kind) &&
      kind != v1::IDENTIFIER_KIND_UNSPECIFIED) {
    return kind;
  }
  return absl::InvalidArgumentError(
      base::Concat("--set ", word, ": KIND must be one of ", kMatchingKinds));
}

// "phone=0.78" or "phone=78%".
absl::StatusOr<v1::CoverageChange> ParseChange(const std::string& text) {
  const size_t equals = text.find('=');
  std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
  const bool percent = !value.empty() && value.back() == '%';
  if (percent) value.pop_back();
  double share = 0;
  if (!absl::SimpleAtod(value, &share)) {
    return absl::InvalidArgumentError(
        base::Concat("--set ", text, ": must be KIND=SHARE, e.g. phone=78% or email=0.95"));
  }
  v1::CoverageChange change;
  SNAPLEDGER_ASSIGN_OR_RETURN(const v1::IdentifierKind kind, ParseKind(text.substr(0, equals)));
  change.set_kind(kind);
  change.set_coverage(percent ? share / 100 : share);
  return change;
}

absl::StatusOr<v1::SimulateMatchRateRequest> RequestOf(const Options& options) {
  v1::SimulateMatchRateRequest request;
  request.set_destination(options.destination);
  SNAPLEDGER_RETURN_IF_ERROR(
      ReadTimeRange(options.since, options.until, absl::Now(), request.mutable_received()));
  for (const std::string& name : options.event_names) request.add_event_names(name);
  for (const std::string& source : options.sources) request.add_sources(source);
  for (const std::string& text : options.changes) {
    SNAPLEDGER_ASSIGN_OR_RETURN(*request.add_changes(), ParseChange(text));
  }
  return request;
}

std::string Points(const v1::MeasuredValue& value) {
  return absl::StrFormat("%+.1f", 100 * value.value());
}

std::string Interval(const v1::MeasuredValue& value) {
  return absl::StrFormat("%+.1f to %+.1f", 100 * value.lower(), 100 * value.upper());
}

void PrintRate(std::string_view title, const v1::MeasuredValue& rate) {
  std::cout << title << Percent(rate.value()) << ", " << MeasuredNote(rate) << "\n";
  const std::string bounds = BoundsNote(rate);
  if (!bounds.empty()) std::cout << std::string(title.size(), ' ') << bounds << "\n";
}

void PrintTable(const v1::SimulateMatchRateResponse& simulated) {
  if (simulated.before().status() == v1::MEASURE_STATUS_INSUFFICIENT) {
    std::cout << "no number: " << NoNumberReason(simulated.before()) << "\n";
    return;
  }
  PrintRate("now        ", simulated.before());
  PrintRate("then       ", simulated.after());
  std::cout << "difference " << Points(simulated.difference()) << " points, 80 % interval "
            << Interval(simulated.difference()) << "\n\n";
  Table table({{"POINTS", Table::Align::kRight}, {"80 % INTERVAL"}, {"WHAT TO DO"}});
  for (const v1::Recommendation& advice : simulated.recommendations()) {
    table.AddRow({Points(advice.gain()), Interval(advice.gain()), Printable(advice.text())});
  }
  std::cout << (table.empty() ? "nothing to recommend\n" : table.Render());
}

int Run(const Options& options, ApiClient& client) {
  const absl::StatusOr<v1::SimulateMatchRateRequest> request = RequestOf(options);
  if (!request.ok()) {
    PrintError(request.status());
    return kUsageError;
  }
  v1::SimulateMatchRateResponse response;
  const absl::Status status = client.Call(*request, &response);
  if (!status.ok()) return PrintError(status);
  if (options.output == OutputForm::kJson) {
    std::cout << JsonOf(response, /*indented=*/true) << std::flush;
  } else {
    PrintTable(response);
  }
  return kDone;
}

}  // namespace

void AddReportSimulate(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("simulate", "What more identifiers would bring, and what to do first");
  const auto options = std::make_shared<Options>();
  command->add_option("--destination", options->destination, "Snap Pixel ID or Snap App ID")
      ->type_name("ID")
      ->required();
  command
      ->add_option("--set", options->changes,
                   "as if this share of the events carried the identifier, e.g. phone=78% [as it "
                   "is]")
      ->type_name("KIND=SHARE");
  command
      ->add_option("--since", options->since,
                   "received from here on: a time such as 2026-11-23T00:00:00Z or an age such as "
                   "7d [the beginning]")
      ->type_name("TIME")
      ->check(IsNotEmpty());
  command->add_option("--until", options->until, "received before here, likewise [now]")
      ->type_name("TIME")
      ->check(IsNotEmpty());
  command->add_option("--event-name", options->event_names, "only these, Snap's spelling [all]")
      ->type_name("NAME")
      ->check(IsNotEmpty());
  command->add_option("--source", options->sources, "only from these sources [all]")
      ->type_name("NAME");
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
