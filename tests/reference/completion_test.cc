// The completion scripts, run in the shells they are for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "tests/support/running_program.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::reference {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

constexpr absl::Duration kTimeMax = absl::Seconds(30);

// Sets the words as the shell would for the command line $1 and calls the function.
constexpr char kBash[] = R"sh(
source <("$0" completion bash)
IFS=' ' read -ra COMP_WORDS <<<"${1//=/ = }"
[[ $1 == *[\ =] ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_snapledger
printf '%s\n' "${COMPREPLY[@]}"
)sh";

// compgen is what zsh calls bash's functions with; it picks what fits the word itself.
constexpr char kZsh[] = R"sh(
autoload -U +X compinit && compinit -u -D
source <("$0" completion zsh)
words=(${(s: :)${1//=/ = }})
[[ $1 == *[\ =] ]] && words+=('')
CURRENT=${#words}
COMP_WORDS=("${words[@]}") COMP_CWORD=$((CURRENT - 1))
for match in ${(f)"$(compgen -F _snapledger -- "${words[-1]}")"}; do
  [[ $match != "${words[-1]}"* ]] || print -r -- "$match"
done
)sh";

constexpr char kFish[] = R"sh(
set program $argv[1]
$program completion fish | source
complete -C $argv[2]
)sh";

struct ShellCase {
  std::string name;
  std::vector<std::string> command;

  friend void PrintTo(const ShellCase& shell, std::ostream* out) { *out << shell.name; }
};

class CompletionTest : public ::testing::TestWithParam<ShellCase> {
 protected:
  // What the shell offers at the end of the line, sorted, without descriptions.
  static std::vector<std::string> Offered(const std::string& line) {
    std::vector<std::string> command = GetParam().command;
    command.push_back(std::string(SNAPLEDGER_BINARY_DIR) + "/bin/snapledger");
    command.push_back(line);
    const support::ProgramResult result = support::RunProgram(command, kTimeMax);
    std::vector<std::string> offered;
    for (const std::string& text :
         std::vector<std::string>(absl::StrSplit(result.output, '\n', absl::SkipEmpty()))) {
      offered.push_back(text.substr(0, text.find('\t')));
    }
    std::sort(offered.begin(), offered.end());
    return offered;
  }
};

TEST_P(CompletionTest, CommandsAndTheirSubcommands) {
  EXPECT_THAT(Offered("snapledger "), IsSupersetOf({"completion", "destination", "events", "help",
                                                    "migrate", "report", "serve"}));
  EXPECT_THAT(Offered("snapledger ev"), ElementsAre("events"));
  EXPECT_THAT(Offered("snapledger report ma"), ElementsAre("match-rate"));
}

TEST_P(CompletionTest, FlagsOfTheCommandThatStandsThere) {
  EXPECT_THAT(Offered("snapledger events record --in"), ElementsAre("--in-flight", "--insecure"));
  EXPECT_THAT(Offered("snapledger destination add 12 --kind app --token-f"),
              ElementsAre("--token-file"));
  EXPECT_THAT(Offered("snapledger serve --in-"), IsEmpty());
}

TEST_P(CompletionTest, TheWordsAFlagOrAnArgumentTakes) {
  EXPECT_THAT(Offered("snapledger destination add 12 --kind "), ElementsAre("app", "pixel"));
  EXPECT_THAT(Offered("snapledger serve --log-level w"), ElementsAre("warning"));
  EXPECT_THAT(Offered("snapledger completion "), ElementsAre("bash", "fish", "zsh"));
}

TEST_P(CompletionTest, NothingWhereAnyTextIsTaken) {
  EXPECT_THAT(Offered("snapledger events record --destination "), IsEmpty());
}

TEST_P(CompletionTest, PathsForFiles) {
  const support::TemporaryFolder folder;
  const std::string file = folder.path() + "/token of mine";
  std::ofstream(file) << "t";
  const std::vector<std::string> offered =
      Offered("snapledger destination add 12 --token-file " + folder.path() + "/tok");
  ASSERT_EQ(offered.size(), 1u);
  EXPECT_EQ(offered[0].substr(0, offered[0].find("/token") + 6), folder.path() + "/token");
}

INSTANTIATE_TEST_SUITE_P(
    Shells, CompletionTest,
    ::testing::Values(ShellCase{"bash", {"/bin/bash", "--norc", "-c", kBash}},
                      ShellCase{"zsh", {"/bin/zsh", "-f", "-c", kZsh}},
                      ShellCase{"fish", {"/usr/bin/fish", "--no-config", "-c", kFish}}),
    [](const auto& info) { return info.param.name; });

class BashCompletionTest : public CompletionTest {};

TEST_P(BashCompletionTest, ValuesAfterAnEqualsSignAndWithinAList) {
  EXPECT_THAT(Offered("snapledger report match-rate --group-by=d"), ElementsAre("day"));
  EXPECT_THAT(Offered("snapledger serve --roles query,in"), ElementsAre("query,ingest"));
}

INSTANTIATE_TEST_SUITE_P(Bash, BashCompletionTest,
                         ::testing::Values(ShellCase{"bash", {"/bin/bash", "--norc", "-c", kBash}}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace snapledger::reference
