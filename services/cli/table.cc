#include "services/cli/table.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "services/base/check.h"
#include "services/base/text.h"

namespace snapledger::cli {
namespace {

constexpr int kEighths = 8;
constexpr const char* kPartialBlocks[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
constexpr char kColumnGap[] = "  ";

void AppendCell(const std::string& text, size_t width, Table::Align align, std::string* line) {
  const std::string padding(width - std::min(width, DisplayWidth(text)), ' ');
  if (align == Table::Align::kRight) line->append(padding);
  line->append(text);
  if (align == Table::Align::kLeft) line->append(padding);
}

void TrimEnd(std::string* line) { line->erase(line->find_last_not_of(' ') + 1); }

}  // namespace

std::string Printable(std::string_view text) {
  std::string printable;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      absl::StrAppendFormat(&printable, "\\x%02X", byte);
    } else {
      printable.push_back(c);
    }
  }
  return printable;
}

size_t DisplayWidth(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // not a continuation byte
  });
}

void Table::AddRow(std::vector<std::string> cells) {
  SNAPLEDGER_CHECK(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::Render(std::string_view emphasis, std::string_view plain) const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = DisplayWidth(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[i]));
    widths.push_back(width);
  }
  const auto line_of = [&](const auto& cell_at) {
    std::string line;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) line += kColumnGap;
      AppendCell(cell_at(i), widths[i], columns_[i].align, &line);
    }
    TrimEnd(&line);
    return line;
  };
  std::string text(emphasis);
  text += line_of([&](size_t i) { return columns_[i].title; });
  text += plain;
  text += '\n';
  text += line_of([&](size_t i) { return std::string(widths[i], '-'); }) + '\n';
  for (const auto& row : rows_) text += line_of([&](size_t i) { return row[i]; }) + '\n';
  return text;
}

std::string Bar(double share, int width, bool blocks) {
  const double clamped = std::clamp(std::isnan(share) ? 0.0 : share, 0.0, 1.0);
  const int eighths = static_cast<int>(std::lround(clamped * width * kEighths));
  const int full = blocks ? eighths / kEighths : static_cast<int>(std::lround(clamped * width));
  std::string bar;
  for (int i = 0; i < full; ++i) bar += blocks ? "█" : "#";
  int cells = full;
  if (blocks && eighths % kEighths > 0) {
    bar += kPartialBlocks[eighths % kEighths];
    ++cells;
  }
  return bar.append(width - cells, ' ');
}

std::string Percent(double share) { return absl::StrFormat("%5.1f %%", share * 100); }

std::string Grouped(int64_t number) {
  std::string digits = std::to_string(number);
  const int first = number < 0 ? 1 : 0;
  for (int i = static_cast<int>(digits.size()) - 3; i > first; i -= 3) digits.insert(i, 1, ',');
  return digits;
}

std::string Counted(int64_t count, std::string_view noun) {
  return base::Concat(Grouped(count), " ", noun, count == 1 ? "" : "s");
}

}  // namespace snapledger::cli
