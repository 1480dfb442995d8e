#include "tests/tidy/samples.h"

namespace snapledger::tidy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CheckBannedWordsTest, RefusesWorkLeftForLater) {
  EXPECT_THAT(CheckBannedWords(OneFile("storage/a.cc", "\n// TODO: limits\n")),
              ElementsAre(FindingAt("storage/a.cc", 2, "TODO")));
  EXPECT_THAT(CheckBannedWords(OneFile("deploy/run.sh", "mktemp /tmp/a.XXXXXX\n")), IsEmpty());
  EXPECT_THAT(CheckBannedWords(OneFile("storage/a.cc", "currency = \"XXX\";\n")), IsEmpty());
}

TEST(CheckBannedWordsTest, RefusesWordsAboutTheMaking) {
  EXPECT_THAT(CheckBannedWords(OneFile("docs/a.md", "As requested, this is fast.\n")),
              ElementsAre(FindingAt("docs/a.md", 1, "as requested")));
  EXPECT_THAT(CheckBannedWords(OneFile("docs/a.md", "The size requested is a limit.\n")),
              IsEmpty());
}

TEST(CheckSuppressionsTest, WantsTheCheckAndTheReason) {
  EXPECT_THAT(CheckSuppressions(OneFile("storage/a.cc", "a();  // NOLINT\n")),
              ElementsAre(FindingAt("storage/a.cc", 1, "bare NOLINT")));
  EXPECT_THAT(CheckSuppressions(OneFile("storage/a.cc", "a();  // NOLINT(bugprone-x)\n")),
              ElementsAre(FindingAt("storage/a.cc", 1, "without a reason")));
  EXPECT_THAT(CheckSuppressions(OneFile("storage/a.cc", "a();  // NOLINT(): because it is so\n")),
              ElementsAre(FindingAt("storage/a.cc", 1, "names no check")));
  EXPECT_THAT(CheckSuppressions(OneFile(
                  "storage/a.cc", "// NOLINTNEXTLINE(bugprone-x): libpq wants the address\n")),
              IsEmpty());
}

TEST(CheckPlacesTest, RefusesPathsOfOneMachine) {
  EXPECT_THAT(CheckPlaces(OneFile("deploy/run.sh", "cd /home/me/project\n")),
              ElementsAre(FindingAt("deploy/run.sh", 1, "/home/")));
  EXPECT_THAT(CheckPlaces(OneFile("deploy/run.sh", "cd \"$root/work/here\"\n")), IsEmpty());
}

TEST(CheckPlacesTest, RefusesHostsOfRegistries) {
  EXPECT_THAT(CheckPlaces(OneFile("tests/clients/node/package-lock.json",
                                  "{\n\"resolved\": \"https://packages.example/a.tgz\"\n}\n")),
              ElementsAre(FindingAt("tests/clients/node/package-lock.json", 2, "registry")));
  EXPECT_THAT(CheckPlaces(OneFile("tests/clients/node/package-lock.json",
                                  "{\n\"integrity\": \"sha512-abc\"\n}\n")),
              IsEmpty());
}

}  // namespace
}  // namespace snapledger::tidy
