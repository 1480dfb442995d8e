#include "tests/tidy/samples.h"

namespace snapledger::tidy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CheckStatementsTest, WantsConstantsOfLiterals) {
  EXPECT_THAT(CheckStatements(OneFile(
                  "storage/a.cc", "\nconst Statement kA = {\"a\", MakeText(\"b\").c_str()};\n")),
              ElementsAre(FindingAt("storage/a.cc", 2, "constexpr of literals")));
  EXPECT_THAT(CheckStatements(OneFile("storage/a.cc", "Run(Statement{\"a\", text.c_str()});\n")),
              ElementsAre(FindingAt("storage/a.cc", 1, "constexpr of literals")));
  EXPECT_THAT(CheckStatements(OneFile("storage/a.cc",
                                      "constexpr Statement kA = {\n    \"a\",\n    \"select 1\"\n"
                                      "    \" where {\"};\n"
                                      "void Run(const Statement& statement) { f(statement); }\n")),
              IsEmpty());
}

TEST(CheckScriptsTest, WantsConstantsOrAReason) {
  EXPECT_THAT(CheckScripts(OneFile("storage/a.cc", "c.ExecuteScript(\"drop \" + name);\n")),
              ElementsAre(FindingAt("storage/a.cc", 1, "no constant")));
  EXPECT_THAT(CheckScripts(OneFile("storage/a.cc", "c.ExecuteScript(absl::StrCat(a, b));\n")),
              ElementsAre(FindingAt("storage/a.cc", 1, "no constant")));
  EXPECT_THAT(CheckScripts(OneFile("storage/a.cc",
                                   "c.ExecuteScript(\"commit\");\nc.ExecuteScript(kBegin);\n")),
              IsEmpty());
  EXPECT_THAT(CheckScripts(OneFile("storage/migrator.cc", "c.ExecuteScript(migration.sql);\n")),
              IsEmpty());
}

TEST(CheckCatchesTest, KeepsExceptionsInsideStorage) {
  EXPECT_THAT(CheckCatches(OneFile("services/query/a.cc", "try {\n} catch (...) {\n}\n")),
              ElementsAre(FindingAt("services/query/a.cc", 2, "absl::Status")));
  EXPECT_THAT(CheckCatches(OneFile("storage/transaction.h", "try {\n} catch (...) {\n}\n")),
              IsEmpty());
}

}  // namespace
}  // namespace snapledger::tidy
