// The command line as its own manual: docs/cli-reference.md is what the program prints, and every
// command and flag explains itself.

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "services/app/migrate.h"
#include "services/app/serve.h"
#include "services/cli/command.h"
#include "services/cli/manual.h"
#include "services/cli/manual_commands.h"
#include "tests/reference/golden_text.h"
#include "tests/support/running_program.h"

namespace snapledger::reference {
namespace {

constexpr absl::Duration kTimeMax = absl::Seconds(20);

std::string Printed(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {std::string(SNAPLEDGER_BINARY_DIR) + "/bin/snapledger"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const support::ProgramResult result = support::RunProgram(command, kTimeMax);
  EXPECT_EQ(result.exit_code, 0);
  return result.output;
}

// Every command that the program has, as it is declared; what calls adds to each is left out.
class CliReferenceTest : public ::testing::Test {
 protected:
  CliReferenceTest() {
    app::AddServe(program_, app::Seams{}, &run_);
    app::AddMigrate(program_, &run_);
    cli::AddClientCommands(program_, {.run = &run_, .add_client_flags = [](CLI::App&) {}});
    cli::AddManualCommands(program_, &run_);
  }

  std::vector<const cli::CommandManual*> Commands() {
    manual_ = cli::ManualOf(program_);
    return cli::AllCommands(manual_);
  }

  CLI::App program_{"Snapledger", "snapledger"};
  std::function<int()> run_;
  cli::CommandManual manual_;
};

TEST(CliReferenceFileTest, IsWhatTheProgramPrints) {
  ExpectTreeFileIs("docs/cli-reference.md", Printed({"help", "--markdown"}));
}

TEST_F(CliReferenceTest, TheGuideNamesEveryCommand) {
  const std::string guide = ReadTreeFile("docs/cli.md");
  for (const cli::CommandManual* const command : Commands()) {
    if (!command->subcommands.empty()) continue;
    const std::string name = command->path.substr(command->path.find(' ') + 1);
    EXPECT_TRUE(absl::StrContains(guide, "`" + name)) << "docs/cli.md lacks `" << name << "`";
  }
}

TEST_F(CliReferenceTest, EveryCommandHasASummaryAndAnExample) {
  for (const cli::CommandManual* const command : Commands()) {
    EXPECT_FALSE(command->summary.empty()) << command->path;
    EXPECT_FALSE(absl::EndsWith(command->summary, ".")) << command->path << ": no full stop";
    if (!command->subcommands.empty()) continue;
    EXPECT_TRUE(absl::StrContains(command->details, "\n  snapledger ") ||
                absl::StrContains(command->details, "| snapledger "))
        << command->path << ": its footer shows no example";
  }
}

TEST_F(CliReferenceTest, EveryFlagSaysWhatItMeansAndItsDefault) {
  for (const cli::CommandManual* const command : Commands()) {
    for (const cli::FlagManual& flag : command->flags) {
      const std::string name = command->path + " " + flag.spellings.back();
      EXPECT_FALSE(flag.help.empty()) << name;
      if (flag.placeholder.empty() || flag.required) continue;
      EXPECT_TRUE(absl::EndsWith(flag.help, "]")) << name << ": end its help with [its default]";
    }
    for (const cli::FlagManual& argument : command->arguments) {
      EXPECT_FALSE(argument.help.empty()) << command->path << " " << argument.spellings.front();
    }
  }
}

TEST_F(CliReferenceTest, AFlagForAFileIsCompletedWithPaths) {
  for (const cli::CommandManual* const command : Commands()) {
    for (const cli::FlagManual& flag : command->flags) {
      if (!absl::EndsWith(flag.spellings.back(), "-file")) continue;
      EXPECT_EQ(flag.placeholder, "FILE") << command->path << " " << flag.spellings.back();
    }
  }
}

TEST(CliHelpTest, HelpOfACommandIsWhatItPrintsItself) {
  const std::string help = Printed({"help", "events", "record"});
  EXPECT_EQ(help, Printed({"events", "record", "--help"}));
  for (const char* const part : {"Usage: snapledger events record --destination ID [FLAGS] [FILE]",
                                 "The service to call:", "Exit codes: 0 done"}) {
    EXPECT_TRUE(absl::StrContains(help, part)) << part;
  }
}

// A line that begins with a dot and is no request of man(7) would be lost.
TEST(CliHelpTest, TheManPageHoldsEveryCommandAndNoStrayRequest) {
  const std::string page = Printed({"help", "--man"});
  EXPECT_TRUE(absl::StartsWith(page, ".TH SNAPLEDGER 1\n"));
  EXPECT_TRUE(absl::StrContains(page, "\n.SS snapledger events record \\-\\-destination ID"));
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(page, '\n'))) {
    if (!absl::StartsWith(line, ".")) continue;
    const std::string request = line.substr(0, line.find(' '));
    EXPECT_TRUE(absl::StrContains(".TH .SH .SS .TP .B .PP .RS .RE .nf .fi", request)) << line;
  }
}

}  // namespace
}  // namespace snapledger::reference
