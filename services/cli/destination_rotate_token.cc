#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "services/cli/command.h"
#include "services/cli/destination_view.h"
#include "services/cli/file_text.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
Make the new token in Snap's Ads Manager, add it here, see in destination get that Snap takes it,
then repeat the command with --drop-others and delete the old one at Snap.

Examples:
  snapledger destination rotate-token PIXEL_ID --token-file new-token.txt --insecure
  get-secret snap-token | snapledger destination rotate-token PIXEL_ID --token-file - \
      --drop-others --insecure)";

struct Options {
  std::string destination_id, token_file;
  bool drop_others = false;
  OutputForm output = OutputForm::kTable;
};

int Run(const Options& options, ApiClient& client) {
  const absl::StatusOr<std::string> token = ReadFileText(options.token_file);
  if (!token.ok()) {
    PrintError(token.status());
    return kUsageError;
  }
  v1::RotateDestinationTokenRequest request;
  request.set_destination_id(options.destination_id);
  request.set_access_token(std::string(absl::StripAsciiWhitespace(*token)));
  request.set_drop_others(options.drop_others);
  v1::RotateDestinationTokenResponse response;
  const absl::Status status = client.Call(request, &response);
  if (!status.ok()) return PrintError(status);
  PrintDestination(response.destination(), options.output);
  return kDone;
}

}  // namespace

void AddDestinationRotateToken(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command = parent.add_subcommand(
      "rotate-token", "Add an access token; both live until the old one is dropped");
  const auto options = std::make_shared<Options>();
  command->add_option("ID", options->destination_id, "Snap Pixel ID or Snap App ID")->required();
  command->add_option("--token-file", options->token_file, "holds the new token; - reads it here")
      ->required()
      ->type_name("FILE");
  command->add_flag("--drop-others", options->drop_others, "drop the tokens there were before");
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
