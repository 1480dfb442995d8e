#include "services/app/program.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_join.h"
#include "services/app/config.h"
#include "services/app/exit_codes.h"
#include "services/app/flags.h"
#include "services/app/migrate.h"
#include "services/app/nearest_name.h"
#include "services/app/serve.h"
#include "services/cli/command.h"
#include "services/cli/manual.h"
#include "services/cli/manual_commands.h"

namespace snapledger::app {
namespace {

constexpr char kFooter[] = R"(
Every setting is a flag, an environment variable (--http-listen is SNAPLEDGER_HTTP_LISTEN) or a key
of the TOML file that --config names; a flag beats the environment and that beats the file.

First steps:
  snapledger serve --insecure &
  snapledger destination add PIXEL_ID --kind pixel --token-file token.txt --insecure
  snapledger events record --destination PIXEL_ID events.jsonl --insecure
  snapledger report deliveries --insecure)";

// The options and subcommands that could have been meant where `given` was not known.
std::vector<std::string> KnownWords(const CLI::App& command, bool options) {
  std::vector<std::string> words;
  if (options) {
    for (const CLI::Option* const option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    }
  } else {
    for (const CLI::App* const subcommand : command.get_subcommands({})) {
      words.push_back(subcommand->get_name());
    }
  }
  return words;
}

// The command that was given, as deep as it was understood.
const CLI::App& Understood(const CLI::App& program) {
  const CLI::App* command = &program;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return *command;
}

// The flag that was not known; where there is none, the word.
std::string UnknownWord(const std::vector<std::string>& remaining) {
  for (const std::string& word : remaining) {
    if (word.rfind("--", 0) == 0) return word;
  }
  return remaining.empty() ? "" : remaining.front();
}

// Commands that come with later releases.
constexpr std::string_view kLaterCommands[] = {"caller", "doctor", "erase"};

bool IsLater(const std::string& word) {
  return std::find(std::begin(kLaterCommands), std::end(kLaterCommands), word) !=
         std::end(kLaterCommands);
}

// Adds the commands called `word` below `command`, which is given as `path`, as they are typed.
void AddCommandsCalled(const std::string& word, const CLI::App& command, const std::string& path,
                       std::vector<std::string>* found) {
  for (const CLI::App* const subcommand : command.get_subcommands({})) {
    const std::string below = path + " " + subcommand->get_name();
    if (subcommand->get_name() == word) found->push_back("`" + below + "`");
    AddCommandsCalled(word, *subcommand, below, found);
  }
}

// What could have been meant by a word that was not known there.
std::string Suggestion(const CLI::App& program, const CLI::App& command, const std::string& word) {
  std::vector<std::string> elsewhere;
  AddCommandsCalled(word, program, program.get_name(), &elsewhere);
  if (!elsewhere.empty()) return "; there is " + absl::StrJoin(elsewhere, ", ");
  const std::string nearest = NearestName(word, KnownWords(command, word.front() == '-'));
  return nearest.empty() ? "" : "; nearest known: " + nearest;
}

std::string FailureMessage(const CLI::App* program, const CLI::Error& error) {
  const CLI::App& command = Understood(*program);
  std::string message = "snapledger: " + std::string(error.what()) + "\n";
  std::string word = UnknownWord(program->remaining(/*recurse=*/true));
  if (IsLater(word)) {
    message = "snapledger: " + word + " is not part of this release\n";
  } else if (!word.empty()) {
    word = word.substr(0, word.find('='));
    message += "Unknown: " + word + Suggestion(*program, command, word) + "\n";
  }
  return message + "Run with --help for more.\n";
}

absl::StatusOr<cli::ClientSettings> ClientSettingsOf(const Flags& flags) {
  absl::StatusOr<Config> config = LoadConfig(flags.Given());
  if (!config.ok()) return config.status();
  return cli::ClientSettings{.server = config->server,
                             .insecure = config->insecure,
                             .ca_file = config->ca,
                             .certificate_file = config->cert,
                             .key_file = config->key,
                             .caller_token_file = config->caller_token_file};
}

// The macro returns CLI11's own exit codes.
int Parse(CLI::App& program, int argc, char** argv) {
  CLI11_PARSE(program, argc, argv);
  return kDone;
}

}  // namespace

int RunProgram(int argc, char** argv, const Seams& seams) {
  CLI::App program("Snapledger: the delivery ledger for Snap conversions", "snapledger");
  program.formatter(std::make_shared<cli::HelpFormatter>());
  program.set_version_flag("--version", SNAPLEDGER_VERSION);
  program.require_subcommand(1);
  program.footer(kFooter);
  program.failure_message(FailureMessage);
  std::function<int()> run;
  AddServe(program, seams, &run);
  AddMigrate(program, &run);
  Flags client_flags;
  cli::AddClientCommands(
      program, {.run = &run,
                .add_client_flags =
                    [&client_flags](CLI::App& command) {
                      client_flags.AddTo(
                          command, cli::kServiceGroup,
                          {"server", "insecure", "ca", "cert", "key", "caller-token-file"});
                    },
                .client_settings = [&client_flags] { return ClientSettingsOf(client_flags); }});
  cli::AddManualCommands(program, &run);
  const int parsed = Parse(program, argc, argv);
  if (parsed != kDone) return kUsageError;
  const int code = run ? run() : kDone;  // without a body: help was asked for
  if (std::cout.flush()) return code;
  // Else what was cut off would look complete.
  std::cerr << "snapledger: standard output cannot be written to\n";
  return code == kDone ? kFailed : code;
}

}  // namespace snapledger::app
