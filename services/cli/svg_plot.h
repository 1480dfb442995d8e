#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace snapledger::cli {

// Plots of shares as inline SVG, which needs neither scripts nor files beside it. Pure.

// Text for HTML and SVG: what a caller named something cannot be markup.
std::string Escaped(std::string_view text);

// A share with the interval it lies in; without one lower and upper equal value.
struct PlotShare {
  double value = 0;
  double lower = 0;
  double upper = 0;
};

// One line or one row of marks; `at` are the indexes into the plot's labels that have a share.
struct PlotSeries {
  std::string name;
  std::vector<size_t> at;
  std::vector<PlotShare> shares;
};

// Shares over time, 0 to 100 %: a line per series, or marks with their intervals. `labels` stand
// under the axis, one per time.
std::string LinePlot(const std::vector<std::string>& labels, const std::vector<PlotSeries>& series);
std::string IntervalPlot(const std::vector<std::string>& labels,
                         const std::vector<PlotSeries>& series);

// A range of shares that is drawn behind, for comparison.
struct PlotBand {
  std::string name;
  double lower = 0;
  double upper = 0;
};

struct PlotBar {
  std::string name;
  PlotShare share;
};

// Horizontal bars, 0 to 100 %, with a whisker where a share has an interval.
std::string BarPlot(const std::vector<PlotBar>& bars, const std::vector<PlotBand>& bands);

}  // namespace snapledger::cli
