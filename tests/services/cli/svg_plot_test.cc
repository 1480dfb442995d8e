#include "services/cli/svg_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(SvgPlotTest, WhatACallerNamedCannotBeMarkup) {
  EXPECT_EQ(Escaped("<b a=\"1\">&'\n"), "&lt;b a=&quot;1&quot;&gt;&amp;&#39; ");
  EXPECT_THAT(BarPlot({{.name = "<script>", .share = {.value = 0.5}}}, {}),
              AllOf(HasSubstr("&lt;script&gt;"), Not(HasSubstr("<script"))));
}

// The plot is 220 high from 12 down, and 796 wide from 48 on.
TEST(SvgPlotTest, LinesGoFromTheFirstTimeToTheLast) {
  const std::string svg =
      LinePlot({"11-01", "11-02", "11-03"},
               {{.name = "email", .at = {0, 2}, .shares = {{.value = 0}, {.value = 1}}}});
  EXPECT_THAT(svg, HasSubstr("<polyline points=\"48.0,232.0 844.0,12.0 \""));
  EXPECT_THAT(svg, AllOf(HasSubstr(">11-02<"), HasSubstr(">email<"), HasSubstr(">75 %<")));
}

TEST(SvgPlotTest, OneTimeStandsInTheMiddleAndSharesStayInThePlot) {
  EXPECT_THAT(LinePlot({"11-01"}, {{.name = "email", .at = {0}, .shares = {{.value = 1.5}}}}),
              HasSubstr("<circle cx=\"446.0\" cy=\"12.0\""));
}

TEST(SvgPlotTest, IntervalsAreDrawnFromEndToEnd) {
  const PlotSeries estimated = {
      .name = "estimated", .at = {0}, .shares = {{.value = 0.5, .lower = 0.25, .upper = 0.75}}};
  EXPECT_THAT(
      IntervalPlot({"11-01"}, {estimated}),
      HasSubstr("<line x1=\"446.0\" y1=\"177.0\" x2=\"446.0\" y2=\"67.0\" stroke=\"#0072b2\""));
}

TEST(SvgPlotTest, BarsHaveAWhiskerOnlyWhereThereIsAnInterval) {
  constexpr char kWhisker[] = "stroke=\"#000000\"";
  const std::string exact =
      BarPlot({{.name = "a", .share = {.value = 0.5, .lower = 0.5, .upper = 0.5}}}, {});
  EXPECT_THAT(exact, AllOf(HasSubstr("width=\"230.0\" height=\"18\""), HasSubstr(">50.0 %<"),
                           Not(HasSubstr(kWhisker))));
  EXPECT_THAT(BarPlot({{.name = "a", .share = {.value = 0.5, .lower = 0.4, .upper = 0.6}}},
                      {{.name = "claim", .lower = 0.6, .upper = 0.85}}),
              AllOf(HasSubstr(kWhisker), HasSubstr("fill-opacity"), HasSubstr(">claim<")));
}

}  // namespace
}  // namespace snapledger::cli
