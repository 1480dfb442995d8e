#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace snapledger::tidy {

// One file of the project as text.
struct SourceFile {
  // `path` from the project's folder, with '/'.
  SourceFile(std::string path, std::string text);

  std::string path;
  std::string text;
  // For C++, the same text with comments blanked; and with the insides of literals blanked too.
  // Lines and columns stay where they were. For other files, the text.
  std::string without_comments;
  std::string code;

  bool Under(std::string_view folder) const { return path.starts_with(folder); }
  // Whether C++ has the place inside a string or character literal.
  bool InLiteral(size_t offset) const {
    return code[offset] == ' ' && without_comments[offset] != ' ';
  }
  bool IsCpp() const { return path.ends_with(".h") || path.ends_with(".cc"); }
};

using SourceTree = std::vector<SourceFile>;

// A breach of a rule: where, what is wrong and what to do about it. Line 0 is the whole file.
struct Finding {
  std::string path;
  int line = 0;
  std::string text;
};

// "path:line: text"
std::string ToString(const Finding& finding);

// Every file of ours below `root`, ordered by path; leaves out what is built or installed there and
// what is no text.
SourceTree ReadSourceTree(const std::string& root);

}  // namespace snapledger::tidy
