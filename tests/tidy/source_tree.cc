#include "tests/tidy/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "services/base/text.h"
#include "tests/tidy/code_text.h"

namespace snapledger::tidy {
namespace {

namespace fs = std::filesystem;

// Of the folders at the top, those that hold our files; build/ and var/ do not.
constexpr std::string_view kFolders[] = {".ci",   "deploy",   "docs",    "migrations",
                                         "proto", "services", "storage", "tests"};
const std::set<std::string> kInstalledFolders = {"node_modules", "__pycache__"};

std::string Read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void AddFile(const fs::path& root, const fs::path& path, SourceTree* tree) {
  std::string text = Read(path);
  if (text.find('\0') != std::string::npos) return;
  tree->emplace_back(path.lexically_relative(root).generic_string(), std::move(text));
}

void AddFolder(const fs::path& root, const fs::path& folder, SourceTree* tree) {
  for (auto entry = fs::recursive_directory_iterator(folder);
       entry != fs::recursive_directory_iterator(); ++entry) {
    if (entry->is_directory() && kInstalledFolders.contains(entry->path().filename())) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file()) {
      AddFile(root, entry->path(), tree);
    }
  }
}

}  // namespace

SourceFile::SourceFile(std::string path_in, std::string text_in)
    : path(std::move(path_in)), text(std::move(text_in)), without_comments(text), code(text) {
  if (!IsCpp()) return;
  CodeText parts = SplitCode(text);
  without_comments = std::move(parts.without_comments);
  code = std::move(parts.code);
}

std::string ToString(const Finding& finding) {
  return base::Concat(finding.path, ":", finding.line, ": ", finding.text);
}

SourceTree ReadSourceTree(const std::string& root) {
  SourceTree tree;
  for (const auto& entry : fs::directory_iterator(root)) {
    if (entry.is_regular_file()) AddFile(root, entry.path(), &tree);
  }
  for (const std::string_view folder : kFolders) {
    const fs::path path = fs::path(root) / folder;
    if (fs::exists(path)) AddFolder(root, path, &tree);
  }
  std::sort(tree.begin(), tree.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return tree;
}

}  // namespace snapledger::tidy
