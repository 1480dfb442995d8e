#include "services/cli/table.h"

#include <gtest/gtest.h>

#include <limits>

namespace snapledger::cli {
namespace {

TEST(TableTest, ColumnsAlign) {
  Table table({{"NAME"}, {"COUNT", Table::Align::kRight}, {"NOTE"}});
  table.AddRow({"a", "1", ""});
  table.AddRow({"größer", "1,234", "x"});
  EXPECT_EQ(table.Render(),
            "NAME    COUNT  NOTE\n"
            "------  -----  ----\n"
            "a           1\n"
            "größer  1,234  x\n");
}

TEST(TableTest, EmphasisStandsAroundTheHeadingAlone) {
  Table table({{"A"}});
  table.AddRow({"b"});
  EXPECT_EQ(table.Render("<", ">"), "<A>\n-\nb\n");
}

TEST(BarTest, IsAlwaysItsWidth) {
  for (int percent = 0; percent <= 100; ++percent) {
    EXPECT_EQ(DisplayWidth(Bar(percent / 100.0, 20, true)), 20U) << percent;
    EXPECT_EQ(DisplayWidth(Bar(percent / 100.0, 20, false)), 20U) << percent;
  }
}

TEST(BarTest, ShowsTheShare) {
  EXPECT_EQ(Bar(0.5, 4, true), "██  ");
  EXPECT_EQ(Bar(0.375, 4, true), "█▌  ");
  EXPECT_EQ(Bar(0.5, 4, false), "##  ");
  EXPECT_EQ(Bar(1.5, 2, false), "##");
  EXPECT_EQ(Bar(std::numeric_limits<double>::quiet_NaN(), 2, false), "  ");
}

TEST(NumbersTest, AreReadable) {
  EXPECT_EQ(Percent(1), "100.0 %");
  EXPECT_EQ(Percent(0.0714), "  7.1 %");
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
  EXPECT_EQ(Grouped(-123456), "-123,456");
}

TEST(CountedTest, OneIsSingular) {
  EXPECT_EQ(Counted(0, "event"), "0 events");
  EXPECT_EQ(Counted(1, "event"), "1 event");
  EXPECT_EQ(Counted(1234, "event"), "1,234 events");
}

TEST(TableTest, ControlCharactersAreShownNotSent) {
  EXPECT_EQ(Printable("a\x1B[2Jb\r\n"), "a\\x1B[2Jb\\x0D\\x0A");
  EXPECT_EQ(Printable("Zoë 東京"), "Zoë 東京");
}

}  // namespace
}  // namespace snapledger::cli
