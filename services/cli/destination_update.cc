#include <memory>
#include <string>

#include "services/cli/command.h"
#include "services/cli/destination_view.h"
#include "services/cli/settings_flags.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
Only what is named changes: the command reads the settings, changes them and writes them back.

Examples:
  snapledger destination update PIXEL_ID --max-requests-per-second 20 --insecure
  snapledger destination update PIXEL_ID --max-event-age offline=28d --max-event-age web=2d \
      --insecure)";

struct Options {
  std::string destination_id, display_name;
  SettingsFlags settings;
  OutputForm output = OutputForm::kTable;
  CLI::Option* display_name_flag = nullptr;
};

int Run(const Options& options, ApiClient& client) {
  v1::GetDestinationRequest get;
  get.set_destination_id(options.destination_id);
  v1::GetDestinationResponse current;
  if (const absl::Status status = client.Call(get, &current); !status.ok()) {
    return PrintError(status);
  }
  v1::UpdateDestinationRequest request;
  request.set_destination_id(options.destination_id);
  const bool renamed = options.display_name_flag->count() > 0;
  request.set_display_name(renamed ? options.display_name : current.destination().display_name());
  *request.mutable_settings() = current.destination().settings();
  if (const absl::Status read = options.settings.Apply(request.mutable_settings()); !read.ok()) {
    PrintError(read);
    return kUsageError;
  }
  v1::UpdateDestinationResponse response;
  const absl::Status status = client.Call(request, &response);
  if (!status.ok()) return PrintError(status);
  PrintDestination(response.destination(), options.output);
  return kDone;
}

}  // namespace

void AddDestinationUpdate(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command = parent.add_subcommand("update", "Change a destination's settings");
  const auto options = std::make_shared<Options>();
  command->add_option("ID", options->destination_id, "Snap Pixel ID or Snap App ID")->required();
  options->display_name_flag = command->add_option(
      "--display-name", options->display_name, "a name for people, up to 128 bytes [unchanged]");
  options->settings.AddTo(*command);
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
