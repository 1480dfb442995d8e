#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "services/cli/destination_call.h"
#include "services/cli/file_text.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
Two tokens live at most; a third takes the place of the oldest. Events go out with the newest. Where
Snap refuses it, they go out with the other, so that a token can be put in place before Snap knows
it, or outlive the one Snap has ended. A destination that was held for its token is sent to again.

Examples:
  snapledger destination rotate-token PIXEL_ID --token-file token.txt --insecure
  get-secret snap-token | snapledger destination rotate-token PIXEL_ID --token-file - \
      --drop-others --insecure)";

struct Options : DestinationOptions {
  std::string token_file;
  bool drop_others = false;
};

int Run(const Options& options, ApiClient& client) {
  const absl::StatusOr<std::string> token = ReadFileText(options.token_file);
  if (!token.ok()) {
    PrintError(token.status());
    return kUsageError;
  }
  v1::RotateDestinationTokenRequest request;
  request.set_access_token(std::string(absl::StripAsciiWhitespace(*token)));
  request.set_drop_others(options.drop_others);
  return CallAndPrintDestination<v1::RotateDestinationTokenResponse>(options, request, client);
}

}  // namespace

void AddDestinationRotateToken(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command = parent.add_subcommand(
      "rotate-token", "Add an access token; the one before stays as a second");
  const auto options = std::make_shared<Options>();
  command->add_option("--token-file", options->token_file, "holds the new token; - reads it here")
      ->required()
      ->type_name("FILE");
  command->add_flag("--drop-others", options->drop_others, "drop the tokens there were before");
  SetDestinationBody(*command, context, options, Run);
  command->footer(kFooter);
}

}  // namespace snapledger::cli
