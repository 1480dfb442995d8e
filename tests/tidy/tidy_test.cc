// Every rule on the tree as it is. What a failure names is mended in the tree; a rule is changed
// where it stands, with its reason.

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>

#include "tests/tidy/checks.h"

namespace snapledger::tidy {
namespace {

struct NamedCheck {
  const char* name;
  Findings (*run)(const SourceTree& tree);

  friend void PrintTo(const NamedCheck& check, std::ostream* out) { *out << check.name; }
};

constexpr NamedCheck kChecks[] = {
    {"IncludeDirections", CheckIncludeDirections},
    {"LibraryIncludes", CheckLibraryIncludes},
    {"PureCode", CheckPureCode},
    {"LinkDirections", CheckLinkDirections},
    {"FileLengths", CheckFileLengths},
    {"FunctionLengths", CheckFunctionLengths},
    {"TextForm", CheckTextForm},
    {"PrintingOperators", CheckPrintingOperators},
    {"RevealedSecrets", CheckRevealedSecrets},
    {"LoggedValues", CheckLoggedValues},
    {"ConsoleOutput", CheckConsoleOutput},
    {"Statements", CheckStatements},
    {"Scripts", CheckScripts},
    {"Catches", CheckCatches},
    {"Waiting", CheckWaiting},
    {"SkippedTests", CheckSkippedTests},
    {"BannedWords", CheckBannedWords},
    {"Suppressions", CheckSuppressions},
    {"Places", CheckPlaces},
    {"Names", CheckNames},
    {"TestsMirrorSources", CheckTestsMirrorSources},
    {"MigrationNumbers", CheckMigrationNumbers},
    {"DecisionRecords", CheckDecisionRecords},
};

const SourceTree& Tree() {
  static const auto* const tree = new SourceTree(ReadSourceTree(SNAPLEDGER_SOURCE_DIR));
  return *tree;
}

class TidyTest : public ::testing::TestWithParam<NamedCheck> {};

TEST_P(TidyTest, TheTreeKeepsTheRule) {
  const Findings findings = GetParam().run(Tree());
  for (const Finding& finding : findings) ADD_FAILURE() << ToString(finding);
}

INSTANTIATE_TEST_SUITE_P(Rules, TidyTest, ::testing::ValuesIn(kChecks),
                         [](const auto& info) { return std::string(info.param.name); });

// A check that reads nothing finds nothing.
TEST(SourceTreeTest, HoldsTheKindsOfFilesTheRulesAreAbout) {
  for (const std::string_view path :
       {"CMakeLists.txt", "migrations/0001_create_ledger.sql", "services/app/main.cc",
        "services/event/conversion_event.h", "storage/ledger.h", "tests/tidy/tidy_test.cc",
        "proto/snapledger/v1/conversion_event.proto", "deploy/run.sh"}) {
    EXPECT_TRUE(std::any_of(Tree().begin(), Tree().end(), [path](const SourceFile& file) {
      return file.path == path;
    })) << path;
  }
}

TEST(SourceTreeTest, LeavesOutWhatIsInstalledOrBuilt) {
  for (const SourceFile& file : Tree()) {
    EXPECT_EQ(file.path.find("node_modules"), std::string::npos) << file.path;
    EXPECT_FALSE(file.Under("build/")) << file.path;
  }
}

}  // namespace
}  // namespace snapledger::tidy
