#include "services/cli/manual_commands.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "services/cli/choice.h"
#include "services/cli/command.h"
#include "services/cli/completion.h"
#include "services/cli/manual.h"
#include "services/cli/manual_text.h"

namespace snapledger::cli {
namespace {

constexpr char kHelpFooter[] = R"(
Prints what COMMAND --help prints; without COMMAND the list of commands.

Examples:
  snapledger help events record
  snapledger help --man | man -l -
  snapledger help --man > /usr/local/share/man/man1/snapledger.1)";

constexpr char kCompletionFooter[] = R"(
Prints a script to standard output; the shell reads it at its start. It completes commands, flags,
the words a flag takes, and paths.

Examples:
  snapledger completion bash > /etc/bash_completion.d/snapledger
  source <(snapledger completion zsh)
  snapledger completion fish > ~/.config/fish/completions/snapledger.fish)";

struct HelpOptions {
  std::vector<std::string> command;
  bool man = false, markdown = false;
};

int PrintHelp(const CLI::App& program, const HelpOptions& options) {
  if (options.man) {
    std::cout << TroffOf(ManualOf(program)) << std::flush;
    return kDone;
  }
  if (options.markdown) {
    std::cout << MarkdownOf(ManualOf(program)) << std::flush;
    return kDone;
  }
  // Not App::help, which would print that of the command that was given, and so this one's.
  if (options.command.empty()) {
    std::cout << program.get_formatter()->make_help(&program, program.get_name(),
                                                    CLI::AppFormatMode::Normal)
              << std::flush;
    return kDone;
  }
  const CLI::App* command = &program;
  std::string path = "snapledger help";
  for (const std::string& word : options.command) {
    const std::vector<const CLI::App*> named = command->get_subcommands(
        [&word](const CLI::App* candidate) { return candidate->get_name() == word; });
    if (named.empty()) {
      std::cerr << "snapledger: no command \"" << word << "\"; " << path << " lists them\n";
      return kUsageError;
    }
    command = named.front();
    path += " " + word;
  }
  std::cout << command->help() << std::flush;
  return kDone;
}

void AddHelp(CLI::App& program, std::function<int()>* run) {
  CLI::App* const command = program.add_subcommand("help", "Print the manual of a command");
  const auto options = std::make_shared<HelpOptions>();
  command->add_option("COMMAND", options->command, "the command, e.g. events record [all]");
  command->add_flag("--man", options->man, "print everything as a man page");
  command->add_flag("--markdown", options->markdown, "print everything as Markdown");
  command->footer(kHelpFooter);
  command->callback([&program, options, run] {
    *run = [&program, options] { return PrintHelp(program, *options); };
  });
}

void AddCompletion(CLI::App& program, std::function<int()>* run) {
  CLI::App* const command =
      program.add_subcommand("completion", "Print the script that completes commands in a shell");
  const auto shell = std::make_shared<Shell>(Shell::kBash);
  AddChoice(*command, "SHELL", shell.get(),
            Choices<Shell>{{"bash", Shell::kBash}, {"zsh", Shell::kZsh}, {"fish", Shell::kFish}},
            "bash, zsh or fish")
      ->required();
  command->footer(kCompletionFooter);
  command->callback([&program, shell, run] {
    *run = [&program, shell] {
      std::cout << CompletionScript(ManualOf(program), *shell) << std::flush;
      return kDone;
    };
  });
}

}  // namespace

void AddManualCommands(CLI::App& program, std::function<int()>* run) {
  AddHelp(program, run);
  AddCompletion(program, run);
}

}  // namespace snapledger::cli
