#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "services/cli/command.h"
#include "services/cli/event_view.h"
#include "services/cli/json_output.h"
#include "services/cli/table.h"
#include "services/cli/terminal.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
Shows where the event stands, every change of its state with who made it and why, and every request
that carried it with what Snap said.

Examples:
  snapledger events get --destination PIXEL_ID order-1001 --insecure
  snapledger events get --destination PIXEL_ID order-1001 -o json --insecure)";

struct Options {
  std::string destination, event_id;
  OutputForm output = OutputForm::kTable;
};

std::string Identifiers(const v1::EventStatus& event) {
  std::vector<std::string> names;
  for (const int kind : event.identifiers()) {
    names.push_back(ShortName(v1::IdentifierKind_Name(static_cast<v1::IdentifierKind>(kind)),
                              "IDENTIFIER_KIND_"));
  }
  return names.empty() ? "none" : absl::StrJoin(names, " ");
}

Table Overview(const v1::EventStatus& event) {
  Table table({{"EVENT"}, {Printable(event.event_id())}});
  table.AddRow({"destination", event.destination()});
  table.AddRow({"name", event.event_name()});
  if (!event.order_id().empty()) table.AddRow({"order id", event.order_id()});
  if (!event.source().empty()) table.AddRow({"source", Printable(event.source())});
  table.AddRow({"event time", TimeText(true, event.event_time().seconds())});
  table.AddRow({"received", TimeText(true, event.received_time().seconds())});
  table.AddRow({"state", StateName(event.state())});
  if (!event.state_reason().empty()) table.AddRow({"because", event.state_reason()});
  table.AddRow({"attempts", std::to_string(event.attempt_count())});
  table.AddRow({"next attempt",
                TimeText(event.has_next_attempt_time(), event.next_attempt_time().seconds())});
  table.AddRow(
      {"first sent", TimeText(event.has_first_sent_time(), event.first_sent_time().seconds())});
  table.AddRow({"final", TimeText(event.has_final_time(), event.final_time().seconds())});
  table.AddRow({"identifiers", Identifiers(event)});
  if (event.possibly_delivered()) table.AddRow({"possibly delivered", "yes"});
  return table;
}

Table History(const v1::EventStatus& event) {
  Table table({{"TIME"}, {"FROM"}, {"TO"}, {"BY"}, {"REASON"}});
  for (const v1::Transition& transition : event.transitions()) {
    table.AddRow({TimeText(true, transition.time().seconds()), StateName(transition.from_state()),
                  StateName(transition.to_state()), transition.actor(), transition.reason()});
  }
  return table;
}

int Run(const Options& options, ApiClient& client) {
  v1::GetEventRequest request;
  request.set_destination(options.destination);
  request.set_event_id(options.event_id);
  v1::GetEventResponse response;
  const absl::Status status = client.Call(request, &response);
  if (!status.ok()) return PrintError(status);
  if (options.output == OutputForm::kJson) {
    std::cout << JsonOf(response, /*indented=*/true);
    return kDone;
  }
  const bool colour = StandardOutput().colour;
  const std::string_view bold = colour ? kBold : "";
  const std::string_view plain = colour ? kPlain : "";
  std::cout << Overview(response.event()).Render(bold, plain) << '\n'
            << History(response.event()).Render(bold, plain);
  const Table attempts = AttemptTable(response.event().attempts(), /*of_event=*/true);
  if (!attempts.empty()) std::cout << '\n' << attempts.Render(bold, plain);
  std::cout << std::flush;
  return kDone;
}

}  // namespace

void AddEventsGet(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("get", "Show one event: its state, its history and every attempt");
  const auto options = std::make_shared<Options>();
  command->add_option("--destination", options->destination, "Snap Pixel ID or Snap App ID")
      ->type_name("ID")
      ->required();
  command->add_option("EVENT_ID", options->event_id, "the id it was recorded with")->required();
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
