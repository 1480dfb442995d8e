#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace snapledger::cli {

// Rows in aligned columns under a heading. Pure.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One text per column.
  void AddRow(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  // The heading, a rule and the rows, two spaces between columns, no space at the end of a line.
  // `emphasis` and `plain` stand around the heading, e.g. a terminal's codes for bold.
  std::string Render(std::string_view emphasis = "", std::string_view plain = "") const;

 private:
  const std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// `text` with its control characters shown as \xNN: what a caller named something cannot move a
// terminal's cursor or fake a line. Pure.
std::string Printable(std::string_view text);

// Code points: the cells a text of letters, digits and block characters takes.
size_t DisplayWidth(std::string_view text);

// A share of 0 to 1 as a bar of exactly `width` cells: full and eighth blocks, or '#' where blocks
// cannot be shown; the rest is spaces. Pure.
std::string Bar(double share, int width, bool blocks);

// "12.3 %", as wide as "100.0 %".
std::string Percent(double share);

// 1234567 as "1,234,567".
std::string Grouped(int64_t number);

// "1 event", "1,234 events".
std::string Counted(int64_t count, std::string_view noun);

}  // namespace snapledger::cli
