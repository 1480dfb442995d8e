#include "tests/tidy/function_lengths.h"

#include "tests/tidy/samples.h"

namespace snapledger::tidy {
namespace {

using ::testing::ElementsAre;
using ::testing::FieldsAre;
using ::testing::IsEmpty;

std::string LongBody(int lines) {
  std::string text = "void Long() {\n";
  for (int line = 0; line < lines - 2; ++line) text += "  Step();\n";
  return text + "}\n";
}

TEST(ScanFunctionsTest, FindsFunctionsInScopes) {
  const FunctionScan scan = ScanFunctions(
      "namespace a {\n"
      "struct B : C {\n"
      " public:\n"
      "  int One() const { return 1; }\n"
      "  D two_ = {};\n"
      "};\n"
      "template <typename T>\n"
      "auto Three(T t)\n"
      "    -> int {\n"
      "  if (t) {\n"
      "  }\n"
      "}\n"
      "}  \n");
  EXPECT_TRUE(scan.balanced);
  EXPECT_THAT(scan.functions, ElementsAre(FieldsAre("One", 4, 4), FieldsAre("Three", 7, 12)));
}

TEST(ScanFunctionsTest, PassesOverInitializers) {
  const FunctionScan scan = ScanFunctions(
      "constexpr A kTable[] = {\n  {1, f(2)},\n};\n"
      "enum class E : int { kA };\n"
      "A b{1};\n");
  EXPECT_TRUE(scan.balanced);
  EXPECT_THAT(scan.functions, IsEmpty());
}

TEST(ScanFunctionsTest, TakesAConstructorAsAWhole) {
  const FunctionScan scan =
      ScanFunctions("A::A(int b)\n    : b_{b},\n      c_({1}) {\n  d();\n}\n");
  EXPECT_THAT(scan.functions, ElementsAre(FieldsAre("A::A", 1, 5)));
}

TEST(ScanFunctionsTest, TellsBracketsThatDoNotMatch) {
  EXPECT_FALSE(ScanFunctions("void A() {\n").balanced);
  EXPECT_FALSE(ScanFunctions("}\n").balanced);
  EXPECT_TRUE(ScanFunctions("#define A {\nvoid B() {}\n").balanced);
}

TEST(CheckFunctionLengthsTest, LimitsAFunction) {
  EXPECT_THAT(CheckFunctionLengths(OneFile("storage/a.cc", "\n" + LongBody(61))),
              ElementsAre(FindingAt("storage/a.cc", 2, "Long has 61 lines")));
  EXPECT_THAT(CheckFunctionLengths(OneFile("storage/a.cc", LongBody(60))), IsEmpty());
  EXPECT_THAT(CheckFunctionLengths(OneFile("storage/a.cc", "void A() {\n")),
              ElementsAre(FindingAt("storage/a.cc", 0, "brackets do not match")));
}

}  // namespace
}  // namespace snapledger::tidy
