#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "services/cli/command.h"
#include "services/cli/event_file.h"
#include "services/cli/event_lines.h"
#include "services/cli/verdict_view.h"

namespace snapledger::cli {
namespace {

constexpr int kEventsPerCallMax = 500;
constexpr size_t kBytesPerCallMax = size_t{4} << 20;

constexpr char kFooter[] = R"(
A dry run: nothing is stored and nothing is looked up, so a repeated id is ACCEPTED here. With
--show-json the exact JSON that would go to Snap follows each verdict; it holds hashes, addresses
and user agents.

Example:
  snapledger events validate --destination PIXEL_ID --show-json events.jsonl --insecure)";

struct Options {
  std::string destination, path = "-";
  bool show_json = false;
  OutputForm output = OutputForm::kTable;
};

absl::Status ValidateLines(const Options& options, const std::vector<EventLine>& lines,
                           ApiClient& client, VerdictPrinter* printer) {
  v1::ValidateEventsRequest request;
  request.set_destination(options.destination);
  for (const EventLine& line : lines) {
    if (line.status.ok()) *request.add_events() = line.event;
  }
  v1::ValidateEventsResponse response;
  if (request.events_size() > 0) {
    const absl::Status status = client.Call(request, &response);
    if (!status.ok()) return status;
  }
  int next = 0;
  for (const EventLine& line : lines) {
    if (!line.status.ok()) {
      printer->PrintFailure(line.number, "", line.status);
    } else if (next < response.events_size()) {
      const v1::ValidatedEvent& validated = response.events(next++);
      printer->Print(line.number, validated.verdict());
      if (options.show_json && !validated.snap_event_json().empty()) {
        std::cout << validated.snap_event_json() << '\n';
      }
    }
  }
  return absl::OkStatus();
}

int Run(const Options& options, ApiClient& client) {
  const auto file = EventFile::Open(options.path);
  if (!file.ok()) {
    PrintError(file.status());
    return kUsageError;
  }
  EventLineReader reader((*file)->stream());
  VerdictPrinter printer(options.output);
  while (true) {
    const std::vector<EventLine> lines = reader.Next(kEventsPerCallMax, kBytesPerCallMax);
    if (lines.empty()) break;
    const absl::Status status = ValidateLines(options, lines, client, &printer);
    if (!status.ok()) return PrintError(status);
  }
  std::cout << std::flush;
  std::cerr << printer.Summary() << '\n';
  return printer.all_well() ? kDone : kFailed;
}

}  // namespace

void AddEventsValidate(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("validate", "Check events without recording them");
  const auto options = std::make_shared<Options>();
  command->add_option("--destination", options->destination, "Snap Pixel ID or Snap App ID")
      ->type_name("ID")
      ->required();
  command->add_option("FILE", options->path, "events, one a line; - is standard input [-]");
  command->add_flag("--show-json", options->show_json, "print what would go to Snap");
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
