#include "services/cli/svg_plot.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace snapledger::cli {
namespace {

constexpr double kWidth = 860;
constexpr double kLeft = 48;
constexpr double kRight = 16;
constexpr double kTop = 12;
constexpr double kPlotHeight = 220;
constexpr double kLegendLine = 18;
constexpr double kLegendWidth = 200;
constexpr size_t kLegendColumns = 4;
constexpr double kBarLeft = 330;
constexpr double kBarStep = 30;
constexpr size_t kLabelsMax = 10;
constexpr double kQuarters[] = {0, 0.25, 0.5, 0.75, 1};

// Told apart by people who see few colours (Okabe and Ito), darkened for a white ground.
constexpr const char* kColours[] = {"#0072b2", "#d55e00", "#007a58", "#b0478c",
                                    "#8a6d00", "#2f8fc4", "#000000", "#7a7a7a"};

const char* ColourOf(size_t index) { return kColours[index % std::size(kColours)]; }

std::string Begin(double height, std::string_view title) {
  return absl::StrFormat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" role=\"img\" "
      "aria-label=\"%s\">\n",
      kWidth, height, Escaped(title));
}

std::string Line(double x1, double y1, double x2, double y2, const char* colour, double width) {
  return absl::StrFormat(
      "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" "
      "stroke-width=\"%g\"/>\n",
      x1, y1, x2, y2, colour, width);
}

std::string Text(double x, double y, const char* anchor, std::string_view text) {
  return absl::StrFormat("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor,
                         Escaped(text));
}

std::string PercentText(double share) { return absl::StrFormat("%.0f %%", 100 * share); }

// Where things stand in a plot over time.
class TimeFrame {
 public:
  explicit TimeFrame(size_t count) : count_(count) {}

  double X(size_t index) const {
    const double inner = kWidth - kLeft - kRight;
    if (count_ < 2) return kLeft + inner / 2;
    return kLeft + inner * static_cast<double>(index) / static_cast<double>(count_ - 1);
  }
  static double Y(double share) { return kTop + kPlotHeight * (1 - std::clamp(share, 0.0, 1.0)); }

 private:
  const size_t count_;
};

std::string TimeAxes(const TimeFrame& frame, const std::vector<std::string>& labels) {
  std::string svg;
  for (const double share : kQuarters) {
    svg += Line(kLeft, TimeFrame::Y(share), kWidth - kRight, TimeFrame::Y(share), "#dddddd", 1);
    svg += Text(kLeft - 6, TimeFrame::Y(share) + 4, "end", PercentText(share));
  }
  const size_t step = std::max<size_t>(1, (labels.size() + kLabelsMax - 1) / kLabelsMax);
  for (size_t i = 0; i < labels.size(); i += step) {
    svg += Text(frame.X(i), kTop + kPlotHeight + 18, "middle", labels[i]);
  }
  return svg;
}

double LegendHeight(size_t count) {
  return kLegendLine * static_cast<double>((count + kLegendColumns - 1) / kLegendColumns);
}

std::string Legend(const std::vector<PlotSeries>& series, double top) {
  std::string svg;
  for (size_t i = 0; i < series.size(); ++i) {
    const double x = kLeft + kLegendWidth * static_cast<double>(i % kLegendColumns);
    const double y = top + kLegendLine * static_cast<double>(i / kLegendColumns);
    svg += absl::StrFormat("<rect x=\"%.1f\" y=\"%.1f\" width=\"12\" height=\"12\" fill=\"%s\"/>\n",
                           x, y - 10, ColourOf(i));
    svg += Text(x + 18, y, "start", series[i].name);
  }
  return svg;
}

std::string Dot(double x, double y, const char* colour) {
  return absl::StrFormat("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", x, y, colour);
}

std::string Path(const TimeFrame& frame, const PlotSeries& series, const char* colour) {
  std::string points;
  std::string svg;
  for (size_t i = 0; i < series.at.size(); ++i) {
    const double x = frame.X(series.at[i]);
    const double y = TimeFrame::Y(series.shares[i].value);
    points += absl::StrFormat("%.1f,%.1f ", x, y);
    svg += Dot(x, y, colour);
  }
  return absl::StrFormat(
             "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n", points,
             colour) +
         svg;
}

// Marks of several series stand beside each other.
std::string Marks(const TimeFrame& frame, const PlotSeries& series, size_t index) {
  std::string svg;
  const double aside = 7.0 * static_cast<double>(index);
  for (size_t i = 0; i < series.at.size(); ++i) {
    const PlotShare& share = series.shares[i];
    const double x = frame.X(series.at[i]) + aside;
    svg += Line(x, TimeFrame::Y(share.lower), x, TimeFrame::Y(share.upper), ColourOf(index), 3);
    svg += Dot(x, TimeFrame::Y(share.value), ColourOf(index));
  }
  return svg;
}

template <typename Draw>
std::string TimePlot(const std::vector<std::string>& labels, const std::vector<PlotSeries>& series,
                     std::string_view title, const Draw& draw) {
  const TimeFrame frame(labels.size());
  const double legend_top = kTop + kPlotHeight + 46;
  std::string svg = Begin(legend_top + LegendHeight(series.size()), title);
  svg += TimeAxes(frame, labels);
  for (size_t i = 0; i < series.size(); ++i) svg += draw(frame, series[i], i);
  return svg + Legend(series, legend_top) + "</svg>\n";
}

double BarX(double share) {
  return kBarLeft + (kWidth - kBarLeft - 70) * std::clamp(share, 0.0, 1.0);
}

std::string Bands(const std::vector<PlotBand>& bands, double height) {
  std::string svg;
  double text_y = height + 34;
  for (size_t i = 0; i < bands.size(); ++i) {
    svg += absl::StrFormat(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\" "
        "fill-opacity=\"0.15\"/>\n",
        BarX(bands[i].lower), kTop, BarX(bands[i].upper) - BarX(bands[i].lower), height - kTop,
        ColourOf(4 + i));
    svg += Text((BarX(bands[i].lower) + BarX(bands[i].upper)) / 2, text_y, "middle", bands[i].name);
    text_y += kLegendLine;
  }
  return svg;
}

std::string OneBar(const PlotBar& bar, double y) {
  const bool interval = bar.share.lower != bar.share.upper;
  std::string svg = Text(kBarLeft - 8, y + 14, "end", bar.name);
  svg += absl::StrFormat("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"18\" fill=\"%s\"/>\n",
                         kBarLeft, y, std::max(BarX(bar.share.value) - kBarLeft, 0.5), ColourOf(0));
  if (interval) {
    svg += Line(BarX(bar.share.lower), y + 9, BarX(bar.share.upper), y + 9, "#000000", 2);
  }
  return svg + Text(std::max(BarX(bar.share.value), BarX(bar.share.upper)) + 6, y + 14, "start",
                    absl::StrFormat("%.1f %%", 100 * bar.share.value));
}

}  // namespace

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        // No other control character may stand in XML.
        escaped += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return escaped;
}

std::string LinePlot(const std::vector<std::string>& labels,
                     const std::vector<PlotSeries>& series) {
  return TimePlot(labels, series, "shares over time",
                  [](const TimeFrame& frame, const PlotSeries& one, size_t index) {
                    return Path(frame, one, ColourOf(index));
                  });
}

std::string IntervalPlot(const std::vector<std::string>& labels,
                         const std::vector<PlotSeries>& series) {
  return TimePlot(labels, series, "shares with their intervals over time", Marks);
}

std::string BarPlot(const std::vector<PlotBar>& bars, const std::vector<PlotBand>& bands) {
  const double height = kTop + kBarStep * static_cast<double>(bars.size());
  std::string svg =
      Begin(height + 34 + kLegendLine * static_cast<double>(bands.size()), "shares as bars");
  svg += Bands(bands, height);
  for (const double share : kQuarters) {
    svg += Line(BarX(share), kTop, BarX(share), height, "#dddddd", 1);
    svg += Text(BarX(share), height + 16, "middle", PercentText(share));
  }
  for (size_t i = 0; i < bars.size(); ++i) {
    svg += OneBar(bars[i], kTop + 6 + kBarStep * static_cast<double>(i));
  }
  return svg + "</svg>\n";
}

}  // namespace snapledger::cli
