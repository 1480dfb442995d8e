#include "tests/tidy/samples.h"

namespace snapledger::tidy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

SourceTree Files(std::initializer_list<const char*> paths) {
  SourceTree tree;
  for (const char* path : paths) tree.emplace_back(path, "");
  return tree;
}

TEST(CheckNamesTest, RefusesNamesThatSayNothing) {
  EXPECT_THAT(CheckNames(Files({"services/base/string_util.h", "services/common/a.h"})),
              ElementsAre(FindingAt("services/base/string_util.h", 0, "\"util\""),
                          FindingAt("services/common/a.h", 0, "\"common\"")));
  EXPECT_THAT(CheckNames(Files({"storage/Ledger.h"})),
              ElementsAre(FindingAt("storage/Ledger.h", 0, "upper case")));
  EXPECT_THAT(CheckNames(Files({"storage/utility_bill.h"})), IsEmpty());
}

TEST(CheckTestsMirrorSourcesTest, WantsAFileForEachTest) {
  EXPECT_THAT(CheckTestsMirrorSources(
                  Files({"services/event/hash.cc", "tests/services/event/other_test.cc"})),
              ElementsAre(FindingAt("tests/services/event/other_test.cc", 0, "tests no file")));
  EXPECT_THAT(CheckTestsMirrorSources(
                  Files({"services/event/hash.cc", "tests/services/event/hash_test.cc",
                         "tests/tidy/a.cc", "tests/tidy/a_test.cc", "tests/e2e/crash_test.cc"})),
              IsEmpty());
}

TEST(CheckMigrationNumbersTest, WantsNumbersWithoutGaps) {
  EXPECT_THAT(CheckMigrationNumbers(Files({"migrations/0001_a.sql", "migrations/0003_b.sql"})),
              ElementsAre(FindingAt("migrations/0003_b.sql", 0, "the number here is 0002")));
  EXPECT_THAT(CheckMigrationNumbers(Files({"migrations/first.sql"})),
              ElementsAre(FindingAt("migrations/first.sql", 0, "NNNN_words.sql")));
  EXPECT_THAT(CheckMigrationNumbers(Files({"migrations/0001_a.sql", "migrations/0002_b_c.sql"})),
              IsEmpty());
}

TEST(CheckDecisionRecordsTest, WantsTheParts) {
  const std::string record = "# 0001: A\n\nStatus: accepted\n\n## Context\n\n## Decision\n\n";
  EXPECT_THAT(CheckDecisionRecords(OneFile("docs/decisions/0001-a.md", record)),
              ElementsAre(FindingAt("docs/decisions/0001-a.md", 0, "Consequences")));
  EXPECT_THAT(
      CheckDecisionRecords(OneFile("docs/decisions/0001-a.md", record + "## Consequences\n")),
      IsEmpty());
  EXPECT_THAT(CheckDecisionRecords(OneFile("docs/decisions/notes.md", record)),
              ElementsAre(FindingAt("docs/decisions/notes.md", 0, "NNNN-words.md")));
}

TEST(CheckDecisionRecordsTest, GivesANumberOnce) {
  const std::string record =
      "# 0001: A\n\n## Status\n\n## Context\n\n## Decision\n\n## Consequences\n";
  const SourceTree tree = {SourceFile("docs/decisions/0001-a.md", record),
                           SourceFile("docs/decisions/0001-b.md", record)};
  EXPECT_THAT(CheckDecisionRecords(tree),
              ElementsAre(FindingAt("docs/decisions/0001-b.md", 0, "taken")));
}

}  // namespace
}  // namespace snapledger::tidy
