#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/base/text.h"
#include "tests/tidy/checks.h"
#include "tests/tidy/code_text.h"
#include "tests/tidy/folder_rules.h"

namespace snapledger::tidy {
namespace {

struct Word {
  std::string text;
  int line = 0;
};

// The words of a CMake call, with the line each stands on.
std::vector<Word> WordsOf(std::string_view text, size_t open) {
  std::vector<Word> words;
  int line = LineAt(text, open);
  for (const std::string_view part : Split(Bracketed(text, open), "\n")) {
    for (const std::string_view word : Split(part.substr(0, part.find('#')), " ")) {
      if (!word.empty()) words.push_back({std::string(word), line});
    }
    ++line;
  }
  return words;
}

bool IsCMake(const SourceFile& file) { return file.path.ends_with("CMakeLists.txt"); }

std::string FolderOf(const SourceFile& file) {
  return file.path.substr(0, file.path.rfind('/') + 1);
}

// Target -> the folder that makes it.
std::map<std::string, std::string> TargetFolders(const SourceTree& tree) {
  std::map<std::string, std::string> folders;
  for (const SourceFile& file : tree) {
    if (!IsCMake(file) || FolderOf(file).empty()) continue;
    for (const std::string_view call : {"snapledger_library", "add_library", "add_executable"}) {
      for (const size_t open : FindCalls(file.text, call)) {
        const std::vector<Word> words = WordsOf(file.text, open);
        if (!words.empty()) folders.emplace(words.front().text, FolderOf(file));
      }
    }
  }
  return folders;
}

// What a file's targets link.
std::vector<Word> LinksOf(const SourceFile& file) {
  std::vector<Word> links;
  for (const std::string_view call : {"snapledger_library", "target_link_libraries"}) {
    for (const size_t open : FindCalls(file.text, call)) {
      bool linking = false;
      for (const Word& word : WordsOf(file.text, open)) {
        if (word.text == "SOURCES") linking = false;
        if (linking) links.push_back(word);
        if (word.text == "LINKS" || word.text == "PRIVATE_LINKS" || word.text == "PUBLIC" ||
            word.text == "PRIVATE" || word.text == "INTERFACE") {
          linking = true;
        }
      }
    }
  }
  return links;
}

// A rule for a single header allows its folder's target: a target cannot be cut by headers.
bool MayLink(const FolderRule& rule, std::string_view target_folder) {
  if (target_folder == rule.folder) return true;
  if (target_folder == "proto/") return StartsWithAny("snapledger/v1/", rule.may_include);
  for (const std::string_view allowed : rule.may_include) {
    if (allowed.starts_with(target_folder)) return true;
  }
  return false;
}

void CheckOurLinks(const SourceFile& file, const std::map<std::string, std::string>& folders,
                   Findings* findings) {
  const FolderRule* const rule = RuleFor(file.path);
  if (rule == nullptr) return;
  for (const Word& link : LinksOf(file)) {
    const auto folder = folders.find(link.text);
    if (folder == folders.end() || MayLink(*rule, folder->second)) continue;
    findings->push_back(
        {file.path, link.line,
         base::Concat(rule->folder, " must not link ", link.text, " of ", folder->second,
                      ": it may not include that folder; see "
                      "tests/tidy/folder_rules.cc")});
  }
}

void CheckLibraryLinks(const SourceFile& file, Findings* findings) {
  for (const Word& link : LinksOf(file)) {
    for (const LibraryRule& rule : LinkedLibraryRules()) {
      if (!link.text.starts_with(rule.header_part) || StartsWithAny(file.path, rule.users)) {
        continue;
      }
      findings->push_back(
          {file.path, link.line,
           base::Concat(link.text, " is not for this folder: ", rule.reason, "; drop the link")});
    }
  }
}

}  // namespace

Findings CheckLinkDirections(const SourceTree& tree) {
  const std::map<std::string, std::string> folders = TargetFolders(tree);
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!IsCMake(file) || FolderOf(file).empty()) continue;
    CheckOurLinks(file, folders, &findings);
    CheckLibraryLinks(file, &findings);
  }
  return findings;
}

}  // namespace snapledger::tidy
