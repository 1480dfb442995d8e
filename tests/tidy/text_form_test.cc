#include "tests/tidy/samples.h"

namespace snapledger::tidy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string LinesOfCode(int count) {
  std::string text;
  for (int line = 0; line < count; ++line) text += "a;\n";
  return text;
}

TEST(CheckFileLengthsTest, LimitsSourcesAndTestsByTheirOwnLengths) {
  EXPECT_THAT(CheckFileLengths(OneFile("storage/a.cc", LinesOfCode(401))),
              ElementsAre(FindingAt("storage/a.cc", 401, "401 lines")));
  EXPECT_THAT(CheckFileLengths(OneFile("storage/a.cc", LinesOfCode(400))), IsEmpty());
  EXPECT_THAT(CheckFileLengths(OneFile("tests/a_test.cc", LinesOfCode(701))),
              ElementsAre(FindingAt("tests/a_test.cc", 701, "701 lines")));
  EXPECT_THAT(CheckFileLengths(OneFile("tests/golden/schema.sql", LinesOfCode(900))), IsEmpty());
}

TEST(CheckTextFormTest, LimitsColumnsNotBytes) {
  const std::string wide(101, 'a');
  EXPECT_THAT(CheckTextForm(OneFile("storage/a.cc", "b\n" + wide + "\n")),
              ElementsAre(FindingAt("storage/a.cc", 2, "101 columns")));
  std::string accents;
  for (int column = 0; column < 100; ++column) accents += "é";
  EXPECT_THAT(CheckTextForm(OneFile("storage/a.cc", accents + "\n")), IsEmpty());
  EXPECT_THAT(CheckTextForm(OneFile("docs/a.md", wide + "\n")), IsEmpty());
}

TEST(CheckTextFormTest, RefusesWhatAnEditorLeaves) {
  EXPECT_THAT(
      CheckTextForm(OneFile("storage/a.cc", "a\tb\nc \nd\r\ne\n")),
      ElementsAre(FindingAt("storage/a.cc", 1, "tab"), FindingAt("storage/a.cc", 2, "white space"),
                  FindingAt("storage/a.cc", 3, "carriage return")));
  EXPECT_THAT(CheckTextForm(OneFile("storage/a.cc", "a\nb")),
              ElementsAre(FindingAt("storage/a.cc", 2, "no line break")));
  EXPECT_THAT(CheckTextForm(OneFile("storage/a.cc", "a\n\n")),
              ElementsAre(FindingAt("storage/a.cc", 2, "empty lines")));
  EXPECT_THAT(CheckTextForm(OneFile("storage/a.cc", "")),
              ElementsAre(FindingAt("storage/a.cc", 0, "empty file")));
}

TEST(CheckTextFormTest, WantsHeadersIncludedOnce) {
  EXPECT_THAT(CheckTextForm(OneFile("storage/a.h", "// #pragma once\nint a;\n")),
              ElementsAre(FindingAt("storage/a.h", 1, "#pragma once")));
  EXPECT_THAT(CheckTextForm(OneFile("storage/a.h", "#pragma once\nint a;\n")), IsEmpty());
}

}  // namespace
}  // namespace snapledger::tidy
