#include "tests/reference/golden_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/str_split.h"

namespace snapledger::reference {
namespace {

std::string FullPath(const std::string& path) {
  return std::string(SNAPLEDGER_SOURCE_DIR) + "/" + path;
}

}  // namespace

std::string ReadTreeFile(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(FullPath(path)).rdbuf();
  return text.str();
}

void ExpectTreeFileIs(const std::string& path, const std::string& text) {
  if (std::getenv("SNAPLEDGER_UPDATE_GOLDEN") != nullptr) std::ofstream(FullPath(path)) << text;
  const std::string stored = ReadTreeFile(path);
  if (stored == text) return;
  const std::vector<std::string> is = absl::StrSplit(stored, '\n');
  const std::vector<std::string> wanted = absl::StrSplit(text, '\n');
  const auto [at, other] = std::mismatch(is.begin(), is.end(), wanted.begin(), wanted.end());
  ADD_FAILURE() << path << " is not what the tree declares now, from line " << at - is.begin() + 1
                << ":\n  stored: " << (at == is.end() ? "(end)" : *at)
                << "\n  now:    " << (other == wanted.end() ? "(end)" : *other)
                << "\nAfter a wanted change: SNAPLEDGER_UPDATE_GOLDEN=1 bin/reference_test";
}

}  // namespace snapledger::reference
