#pragma once

#include <string_view>
#include <vector>

namespace snapledger::tidy {

// A folder and what it may include besides itself: folders, or single headers where only one thing
// of a folder is meant for it.
struct FolderRule {
  std::string_view folder;
  std::vector<std::string_view> may_include;
};
const std::vector<FolderRule>& FolderRules();

// The rule for a file; nullptr where none stands (tests, generated code).
const FolderRule* RuleFor(std::string_view path);

// A library that only some files may know: a part of its headers' names, and the beginnings of the
// paths that may include them.
struct LibraryRule {
  std::string_view header_part;
  std::vector<std::string_view> users;
  std::string_view reason;
};
const std::vector<LibraryRule>& LibraryRules();

// The same for CMake targets that are not ours: the beginning of their names.
const std::vector<LibraryRule>& LinkedLibraryRules();

bool StartsWithAny(std::string_view path, const std::vector<std::string_view>& beginnings);

}  // namespace snapledger::tidy
