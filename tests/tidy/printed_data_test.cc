#include "tests/tidy/samples.h"

namespace snapledger::tidy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CheckPrintingOperatorsTest, RefusesTypesThatPrintThemselves) {
  EXPECT_THAT(CheckPrintingOperators(OneFile(
                  "services/event/raw_event.h",
                  "\nstd::ostream& operator<<(std::ostream& out, const RawEvent& event);\n")),
              ElementsAre(FindingAt("services/event/raw_event.h", 2, "operator<<")));
  EXPECT_THAT(CheckPrintingOperators(
                  OneFile("services/base/secret.h",
                          "template <typename S> friend void AbslStringify(S& s, const Secret&);")),
              ElementsAre(FindingAt("services/base/secret.h", 1, "AbslStringify")));
}

TEST(CheckPrintingOperatorsTest, RefusesWholeMessagesAsText) {
  EXPECT_THAT(
      CheckPrintingOperators(OneFile("services/rpc/server.cc", "f(request.ShortDebugString());\n")),
      ElementsAre(FindingAt("services/rpc/server.cc", 1, "ShortDebugString")));
  EXPECT_THAT(CheckPrintingOperators(
                  OneFile("services/rpc/server.cc", "// never DebugString()\nout << a;\n")),
              IsEmpty());
}

TEST(CheckRevealedSecretsTest, LetsOnlyItsReadersSeeASecret) {
  EXPECT_THAT(CheckRevealedSecrets(OneFile("services/rpc/server.cc", "f(token.Reveal());\n")),
              ElementsAre(FindingAt("services/rpc/server.cc", 1, "reads a secret's value")));
  EXPECT_THAT(
      CheckRevealedSecrets(OneFile("services/security/key_wrap.cc", "f(token.Reveal());\n")),
      IsEmpty());
}

SourceTree WithUserData(std::string code) {
  return {SourceFile("services/event/conversion_event.h",
                     "struct UserData {\n  std::vector<Digest> email, phone;\n"
                     "  std::string click_id;\n};\n"),
          SourceFile("services/ingest/ingest.cc", std::move(code))};
}

TEST(CheckLoggedValuesTest, RefusesAPersonsFields) {
  EXPECT_THAT(CheckLoggedValues(WithUserData(
                  "\nbase::Log(kInfo, \"seen\",\n  {{\"id\", event.user_data.click_id}});\n")),
              ElementsAre(FindingAt("services/ingest/ingest.cc", 2, "logs click_id")));
  EXPECT_THAT(CheckLoggedValues(WithUserData("base::Log(kInfo, \"seen\", {{\"e\", email}});\n")),
              ElementsAre(FindingAt("services/ingest/ingest.cc", 1, "logs email")));
}

TEST(CheckLoggedValuesTest, RefusesAMessageThatIsMadeUp) {
  EXPECT_THAT(CheckLoggedValues(WithUserData("base::Log(kInfo, Concat(\"saw \", name));\n")),
              ElementsAre(FindingAt("services/ingest/ingest.cc", 1, "constant sentence")));
  EXPECT_THAT(CheckLoggedValues(WithUserData("LogField field(\"a\", name);\n")),
              ElementsAre(FindingAt("services/ingest/ingest.cc", 1, "LogField")));
}

TEST(CheckLoggedValuesTest, AllowsIdsAndCounts) {
  EXPECT_THAT(CheckLoggedValues(WithUserData(
                  "base::Log(kInfo, \"the email field is missing\", {{\"lot\", row.lot_id}});\n"
                  "base::Log(ready ? kInfo : kError, ready ? \"up\" : \"down\");\n")),
              IsEmpty());
}

TEST(CheckConsoleOutputTest, LeavesTheTerminalToThePrograms) {
  EXPECT_THAT(CheckConsoleOutput(OneFile("services/ingest/ingest.cc", "\nstd::cerr << a;\n")),
              ElementsAre(FindingAt("services/ingest/ingest.cc", 2, "std::cerr")));
  EXPECT_THAT(CheckConsoleOutput(OneFile("services/cli/table.cc", "std::cout << a;\n")), IsEmpty());
  EXPECT_THAT(CheckConsoleOutput(OneFile("storage/pool.cc", "snprintf(a, b);\n")), IsEmpty());
}

}  // namespace
}  // namespace snapledger::tidy
