#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "services/cli/choice.h"
#include "services/cli/command.h"
#include "services/cli/destination_view.h"
#include "services/cli/file_text.h"
#include "services/cli/settings_flags.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
ID is the Snap Pixel ID or Snap App ID as it stands in Snap's URLs. The file holds the Conversions
API token of the asset; the ledger keeps it encrypted and never shows it again. Events of the web
and of shops go to a pixel, events of an app to an app.

Examples:
  snapledger destination add 0d9f0d3c-6b2e-4f5e-9a52-6f1f2b3c4d5e --kind pixel \
      --token-file token.txt --default-phone-region US --insecure
  get-secret snap-token | snapledger destination add 1234567890 --kind app --token-file - \
      --insecure)";

struct Options {
  std::string destination_id, display_name, token_file;
  v1::DestinationKind kind = v1::DESTINATION_KIND_UNSPECIFIED;
  SettingsFlags settings;
  OutputForm output = OutputForm::kTable;
};

int Run(const Options& options, ApiClient& client) {
  v1::CreateDestinationRequest request;
  request.set_destination_id(options.destination_id);
  request.set_kind(options.kind);
  request.set_display_name(options.display_name);
  absl::StatusOr<std::string> token = ReadFileText(options.token_file);
  if (!token.ok()) {
    PrintError(token.status());
    return kUsageError;
  }
  request.set_access_token(std::string(absl::StripAsciiWhitespace(*token)));
  if (const absl::Status read = options.settings.Apply(request.mutable_settings()); !read.ok()) {
    PrintError(read);
    return kUsageError;
  }
  v1::CreateDestinationResponse response;
  const absl::Status status = client.Call(request, &response);
  if (!status.ok()) return PrintError(status);
  PrintDestination(response.destination(), options.output);
  return kDone;
}

}  // namespace

void AddDestinationAdd(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command =
      parent.add_subcommand("add", "Make a Snap pixel or app known, with its access token");
  const auto options = std::make_shared<Options>();
  command->add_option("ID", options->destination_id, "Snap Pixel ID or Snap App ID")->required();
  command->add_option("--kind", options->kind, "pixel or app")
      ->required()
      ->transform(Choice<v1::DestinationKind>(
          {{"pixel", v1::DESTINATION_KIND_PIXEL}, {"app", v1::DESTINATION_KIND_APP}}));
  command
      ->add_option("--token-file", options->token_file, "holds the access token; - reads it here")
      ->required()
      ->type_name("FILE");
  command->add_option("--display-name", options->display_name, "a name for people");
  options->settings.AddTo(*command);
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
