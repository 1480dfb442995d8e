#include <string_view>
#include <vector>

#include "services/base/text.h"
#include "tests/tidy/checks.h"
#include "tests/tidy/code_text.h"
#include "tests/tidy/folder_rules.h"

namespace snapledger::tidy {
namespace {

constexpr int kFileLinesMax = 400;
constexpr int kTestFileLinesMax = 700;
// Half of a .proto is the reference that callers read.
constexpr int kProtoFileLinesMax = 700;
constexpr int kColumnsMax = 100;

// Not written by hand: test vectors, the schema dump, npm's lock file.
bool IsData(const SourceFile& file) {
  return file.Under("tests/golden/") || file.path.ends_with("package-lock.json") ||
         file.path.ends_with(".jsonl");
}

bool IsProse(const SourceFile& file) { return file.path.ends_with(".md"); }

// Prose is wrapped by whoever shows it, and the wire contract keeps its text; a dashboard is saved
// by its editor.
bool HasLineLimit(const SourceFile& file) {
  return !IsData(file) && !IsProse(file) && !file.path.ends_with(".proto") &&
         !file.path.ends_with(".json");
}

bool HasLengthLimit(const SourceFile& file) {
  return !IsData(file) && !IsProse(file) && !file.path.ends_with(".json");
}

int LinesMax(const SourceFile& file) {
  if (file.path.ends_with(".proto")) return kProtoFileLinesMax;
  return file.Under("tests/") ? kTestFileLinesMax : kFileLinesMax;
}

bool IsMakefile(const SourceFile& file) { return file.path.ends_with("Makefile"); }

// Columns of UTF-8 text: bytes that continue a character do not count.
int Columns(std::string_view line) {
  int columns = 0;
  for (const char c : line) columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return columns;
}

void CheckLine(const SourceFile& file, std::string_view line, int number, Findings* findings) {
  if (HasLineLimit(file) && Columns(line) > kColumnsMax) {
    findings->push_back({file.path, number,
                         base::Concat(Columns(line), " columns; break the line at ", kColumnsMax)});
  }
  if (line.find('\t') != std::string_view::npos && !IsMakefile(file)) {
    findings->push_back({file.path, number, "a tab; use spaces"});
  }
  if (line.ends_with('\r')) {
    findings->push_back({file.path, number, "a carriage return; end lines with \\n alone"});
  } else if (line.ends_with(' ') || line.ends_with('\t')) {
    findings->push_back({file.path, number, "white space at the end of the line; drop it"});
  }
}

void CheckEnds(const SourceFile& file, Findings* findings) {
  if (file.text.empty()) {
    findings->push_back({file.path, 0, "an empty file; remove it"});
    return;
  }
  const int last = static_cast<int>(Lines(file.text).size());
  if (!file.text.ends_with('\n')) {
    findings->push_back({file.path, last, "no line break at the end of the file; add one"});
  } else if (file.text.ends_with("\n\n")) {
    findings->push_back({file.path, last, "empty lines at the end of the file; drop them"});
  }
  if (file.path.ends_with(".h") && FindWord(file.code, "#pragma once") == std::string_view::npos) {
    findings->push_back({file.path, 1, "a header without #pragma once; begin it with that"});
  }
}

}  // namespace

Findings CheckFileLengths(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!HasLengthLimit(file)) continue;
    const int lines = static_cast<int>(Lines(file.text).size());
    const int lines_max = LinesMax(file);
    if (lines <= lines_max) continue;
    findings.push_back(
        {file.path, lines,
         base::Concat(lines, " lines; split it by subject into files of at most ", lines_max)});
  }
  return findings;
}

Findings CheckTextForm(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (IsData(file)) continue;
    int number = 0;
    for (const std::string_view line : Lines(file.text)) {
      CheckLine(file, line, ++number, &findings);
    }
    CheckEnds(file, &findings);
  }
  return findings;
}

}  // namespace snapledger::tidy
