#include "tests/tidy/code_text.h"

#include <gmock/gmock.h>

namespace snapledger::tidy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SplitCodeTest, BlanksCommentsAndKeepsLines) {
  const CodeText parts = SplitCode("a  // b\nc /* d\n e */ f\n");
  EXPECT_EQ(parts.code, "a      \nc     \n      f\n");
  EXPECT_EQ(parts.without_comments, parts.code);
}

TEST(SplitCodeTest, BlanksWhatStandsInLiterals) {
  const CodeText parts = SplitCode(R"(f("x // {", '{', "\"}"))");
  EXPECT_EQ(parts.code, R"(f("      ", ' ', "   "))");
  EXPECT_EQ(parts.without_comments, R"(f("x // {", '{', "\"}"))");
}

TEST(SplitCodeTest, KnowsRawStringsAndDigitSeparators) {
  EXPECT_EQ(SplitCode("R\"x(a\")\nb)x\" + c").code, " \"     \n   \" + c");
  EXPECT_EQ(SplitCode("1'000 + '{'").code, "1'000 + ' '");
}

TEST(SplitCodeTest, EndsWithATextThatIsCutOff) {
  EXPECT_EQ(SplitCode("/* a").code, "    ");
  EXPECT_EQ(SplitCode("\"a\\").code.size(), 3);
  EXPECT_EQ(SplitCode("R\"(a").code.size(), 4);
}

TEST(CodeTextTest, BlanksPreprocessorLines) {
  EXPECT_EQ(WithoutPreprocessor("a\n#if x \\\n y\nb\n"), "a\n       \n  \nb\n");
}

TEST(CodeTextTest, FindsWholeWords) {
  EXPECT_THAT(FindWords("cat concat cat_ (cat)", "cat"), ElementsAre(0, 17));
  EXPECT_THAT(FindWords("concat", "cat"), IsEmpty());
}

TEST(CodeTextTest, FindsCallsAndWhatTheirBracketsHold) {
  const std::string_view code = "Log (a, f(b)); Log; Logs()";
  EXPECT_THAT(FindCalls(code, "Log"), ElementsAre(4));
  EXPECT_EQ(Bracketed(code, 4), "a, f(b)");
  EXPECT_EQ(Bracketed("(a", 0), "");
}

TEST(CodeTextTest, CountsLines) {
  EXPECT_THAT(Lines("a\n\nb\n"), ElementsAre("a", "", "b"));
  EXPECT_EQ(LineAt("a\n\nb\n", 3), 3);
}

}  // namespace
}  // namespace snapledger::tidy
