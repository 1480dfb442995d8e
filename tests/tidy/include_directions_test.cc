#include "tests/tidy/samples.h"

namespace snapledger::tidy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CheckIncludeDirectionsTest, RefusesAWayAgainstTheFlow) {
  EXPECT_THAT(CheckIncludeDirections(
                  OneFile("services/event/hash.cc", "\n#include \"services/ingest/ingest.h\"\n")),
              ElementsAre(FindingAt("services/event/hash.cc", 2, "must not include")));
  EXPECT_THAT(
      CheckIncludeDirections(OneFile("storage/ledger.h", "#include \"services/base/log.h\"\n")),
      ElementsAre(FindingAt("storage/ledger.h", 1, "must not include")));
  EXPECT_THAT(CheckIncludeDirections(
                  OneFile("services/snap/encode.cc", "#include \"tests/support/fake_clock.h\"\n")),
              ElementsAre(FindingAt("services/snap/encode.cc", 1, "must not include")));
}

TEST(CheckIncludeDirectionsTest, AllowsAFolderItsOwnHeadersAndThoseOfItsRule) {
  EXPECT_THAT(CheckIncludeDirections(OneFile("services/dispatch/lane.cc",
                                             "#include \"services/dispatch/lane.h\"\n"
                                             "#include \"services/snap/client.h\"\n"
                                             "#include \"storage/ledger.h\"\n"
                                             "#include <curl/curl.h>\n")),
              IsEmpty());
}

TEST(CheckIncludeDirectionsTest, AllowsOneHeaderWhereTheRuleNamesOne) {
  EXPECT_THAT(CheckIncludeDirections(OneFile("services/query/query.h",
                                             "#include \"services/labels/label_cache.h\"\n"
                                             "#include \"services/ingest/committer.h\"\n")),
              ElementsAre(FindingAt("services/query/query.h", 2, "services/ingest/committer.h")));
}

TEST(CheckIncludeDirectionsTest, WantsWholePathsAndARuleForEachFolder) {
  EXPECT_THAT(
      CheckIncludeDirections(OneFile("services/base/log.cc", "#include \"log.h\"\n")),
      ElementsAre(FindingAt("services/base/log.cc", 1, "does not begin at the project's folder")));
  EXPECT_THAT(CheckIncludeDirections(OneFile("services/new/a.cc", "")),
              ElementsAre(FindingAt("services/new/a.cc", 0, "no rule says")));
}

TEST(CheckIncludeDirectionsTest, PassesOverComments) {
  EXPECT_THAT(
      CheckIncludeDirections(OneFile("storage/ledger.h", "// #include \"services/base/log.h\"\n")),
      IsEmpty());
}

TEST(CheckLibraryIncludesTest, KeepsALibraryInItsPlace) {
  EXPECT_THAT(CheckLibraryIncludes(OneFile("services/query/query.cc", "#include <libpq-fe.h>\n")),
              ElementsAre(FindingAt("services/query/query.cc", 1, "libpq-fe.h")));
  EXPECT_THAT(CheckLibraryIncludes(OneFile("services/snap/decode.cc", "#include <curl/curl.h>\n")),
              ElementsAre(FindingAt("services/snap/decode.cc", 1, "curl")));
  EXPECT_THAT(CheckLibraryIncludes(OneFile("storage/result.h", "#include <pqxx/pqxx>\n")),
              ElementsAre(FindingAt("storage/result.h", 1, "pqxx")));
  EXPECT_THAT(CheckLibraryIncludes(
                  OneFile("services/ingest/ingest.cc", "#include \"storage/postgres_ledger.h\"\n")),
              ElementsAre(FindingAt("services/ingest/ingest.cc", 1, "name the interface")));
  EXPECT_THAT(
      CheckLibraryIncludes(OneFile("services/snap/curl_handle.h", "#include <curl/curl.h>\n")),
      IsEmpty());
}

TEST(CheckPureCodeTest, RefusesInputOutputAndClocks) {
  EXPECT_THAT(CheckPureCode(OneFile("services/event/text.cc", "#include <fstream>\n")),
              ElementsAre(FindingAt("services/event/text.cc", 1, "fstream")));
  EXPECT_THAT(CheckPureCode(OneFile("services/snap/encode.cc", "a;\nreturn absl::Now();\n")),
              ElementsAre(FindingAt("services/snap/encode.cc", 2, "asks the clock")));
  EXPECT_THAT(CheckPureCode(OneFile("services/event/text.cc", "#include <string>\n")), IsEmpty());
}

}  // namespace
}  // namespace snapledger::tidy
