#include "tests/tidy/samples.h"

namespace snapledger::tidy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

SourceTree WithLinks(std::string folder, std::string links) {
  return {SourceFile("services/ingest/CMakeLists.txt",
                     "snapledger_library(snapledger_ingest SOURCES a.cc LINKS absl::time)\n"),
          SourceFile("storage/CMakeLists.txt", "add_library(snapledger_storage a.cc)\n"),
          SourceFile(folder + "CMakeLists.txt", std::move(links))};
}

TEST(CheckLinkDirectionsTest, RefusesALinkAgainstTheFlow) {
  EXPECT_THAT(CheckLinkDirections(WithLinks("services/event/",
                                            "snapledger_library(snapledger_event\n"
                                            "  SOURCES a.cc\n"
                                            "  LINKS absl::time\n"
                                            "  PRIVATE_LINKS snapledger_ingest)\n")),
              ElementsAre(FindingAt("services/event/CMakeLists.txt", 4, "snapledger_ingest")));
  EXPECT_THAT(
      CheckLinkDirections(WithLinks(
          "services/snap/", "target_link_libraries(snapledger_snap PUBLIC snapledger_storage)\n")),
      ElementsAre(FindingAt("services/snap/CMakeLists.txt", 1, "snapledger_storage")));
}

TEST(CheckLinkDirectionsTest, RefusesALibraryOutOfItsPlace) {
  EXPECT_THAT(
      CheckLinkDirections(WithLinks("services/query/",
                                    "snapledger_library(snapledger_query SOURCES a.cc\n"
                                    "  LINKS CURL::libcurl GTest::gtest)\n")),
      ElementsAre(FindingAt("services/query/CMakeLists.txt", 2, "CURL::libcurl"),
                  FindingAt("services/query/CMakeLists.txt", 2, "no test code in the service")));
}

TEST(CheckLinkDirectionsTest, AllowsWhatTheFolderMayInclude) {
  EXPECT_THAT(CheckLinkDirections(WithLinks("services/query/",
                                            "# snapledger_rpc is not here\n"
                                            "snapledger_library(snapledger_query\n"
                                            "  SOURCES a.cc\n"
                                            "  LINKS snapledger_labels snapledger_storage)\n")),
              IsEmpty());
}

}  // namespace
}  // namespace snapledger::tidy
