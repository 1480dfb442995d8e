#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "services/base/text.h"
#include "tests/tidy/checks.h"
#include "tests/tidy/code_text.h"
#include "tests/tidy/folder_rules.h"

namespace snapledger::tidy {
namespace {

// Words that say nothing about what a file is for.
const std::set<std::string_view> kEmptyWords = {
    "util", "utils", "common", "helper", "helpers", "manager", "managers", "misc", "stuff"};

// Tests that look at more than one file, and at what.
struct WideTest {
  std::string_view path;
  std::string_view subject;
};
constexpr WideTest kWideTests[] = {
    {"tests/services/dispatch/isolation_requests_test.cc", "how many requests a search takes"},
    {"tests/services/event/conformance_test.cc", "the vectors of tests/golden/conformance"},
    {"tests/services/event/prepare_property_test.cc", "prepare.cc on generated events"},
    {"tests/services/emulator/fault_answers_test.cc", "faults that answer, over HTTP"},
    {"tests/services/emulator/fault_connections_test.cc", "faults that break the connection"},
    {"tests/services/emulator/program_test.cc", "the program snap-emulator"},
    {"tests/storage/postgres_ledger_test.cc", "all that implements postgres_ledger.h"},
    {"tests/storage/lot_check_test.cc", "migrations/"},
    {"tests/storage/schema_test.cc", "migrations/"},
    {"tests/tidy/tidy_test.cc", "every check on the tree itself"},
    {"tests/tidy/unprintable_types_test.cc", "the types of services/base and services/event"},
};

bool IsWideTest(std::string_view path) {
  return path.starts_with("tests/e2e/") || path.starts_with("tests/reference/") ||
         path.starts_with("tests/sim/") ||
         std::any_of(std::begin(kWideTests), std::end(kWideTests),
                     [path](const WideTest& test) { return test.path == path; });
}

std::string_view BaseName(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool IsDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// NNNN<mark>words.<ending>: the number, or 0 where the name is formed otherwise.
int NumberOf(std::string_view name, char mark, std::string_view ending) {
  if (!ConsumeSuffix(&name, ending) || name.size() < 6 || name[4] != mark) return 0;
  const bool formed = std::all_of(name.begin() + 5, name.end(), [mark](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == mark;
  });
  int number = 0;
  if (!formed || !IsDigits(name.substr(0, 4)) ||
      !absl::SimpleAtoi(base::AsAbsl(name.substr(0, 4)), &number)) {
    return 0;
  }
  return number;
}

bool HasHeading(const SourceFile& file, std::string_view heading) {
  for (const std::string_view line : Lines(file.text)) {
    if (line == base::Concat("## ", heading)) return true;
    if (line.starts_with(base::Concat(heading, ": "))) return true;
  }
  return false;
}

void CheckDecisionRecord(const SourceFile& file, int number, Findings* findings) {
  const std::string title = absl::StrFormat("# %04d: ", number);
  if (!file.text.starts_with(title)) {
    findings->push_back(
        {file.path, 1, base::Concat("a decision record begins with \"", title, "<title>\"")});
  }
  for (const std::string_view heading : {"Status", "Context", "Decision", "Consequences"}) {
    if (HasHeading(file, heading)) continue;
    findings->push_back(
        {file.path, 0, base::Concat("a decision record without \"## ", heading, "\"; add it")});
  }
}

}  // namespace

Findings CheckNames(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    for (const std::string_view word : Split(file.path, "/_-.")) {
      if (!kEmptyWords.contains(word)) continue;
      findings.push_back({file.path, 0,
                          base::Concat("\"", word,
                                       "\" in a name says nothing; name the file by "
                                       "its main noun or verb")});
    }
    if (file.IsCpp() && std::any_of(file.path.begin(), file.path.end(), absl::ascii_isupper)) {
      findings.push_back({file.path, 0, "upper case in a file's name; write words_like_this"});
    }
  }
  return findings;
}

Findings CheckTestsMirrorSources(const SourceTree& tree) {
  std::set<std::string_view> stems;
  for (const SourceFile& file : tree) {
    if (file.IsCpp()) stems.insert(std::string_view(file.path).substr(0, file.path.rfind('.')));
  }
  Findings findings;
  for (const SourceFile& file : tree) {
    std::string_view stem = file.path;
    if (!ConsumeSuffix(&stem, "_test.cc") || IsWideTest(file.path)) continue;
    std::string_view source = stem;
    ConsumePrefix(&source, "tests/");
    if (stems.contains(source) || stems.contains(stem)) continue;
    findings.push_back({file.path, 0,
                        base::Concat("tests no file: there is no ", source,
                                     ".cc or .h; name it after what it tests, or say in "
                                     "tests/tidy/tree_shape.cc what that is")});
  }
  return findings;
}

Findings CheckMigrationNumbers(const SourceTree& tree) {
  Findings findings;
  int expected = 1;
  for (const SourceFile& file : tree) {
    if (!file.Under("migrations/")) continue;
    const int number = NumberOf(BaseName(file.path), '_', ".sql");
    if (number != expected) {
      findings.push_back({file.path, 0,
                          absl::StrFormat("a migration is named NNNN_words.sql, without gaps; the "
                                          "number here is %04d",
                                          expected)});
    }
    expected = std::max(number, expected) + 1;
  }
  return findings;
}

Findings CheckDecisionRecords(const SourceTree& tree) {
  Findings findings;
  std::map<int, std::string_view> paths;
  for (const SourceFile& file : tree) {
    if (!file.Under("docs/decisions/") || BaseName(file.path) == "README.md") continue;
    const int number = NumberOf(BaseName(file.path), '-', ".md");
    if (number == 0) {
      findings.push_back({file.path, 0, "a decision record is named NNNN-words.md"});
      continue;
    }
    const auto [other, is_new] = paths.emplace(number, file.path);
    if (!is_new) {
      findings.push_back(
          {file.path, 0,
           base::Concat("its number is taken by ", other->second, "; take the next")});
    }
    CheckDecisionRecord(file, number, &findings);
  }
  return findings;
}

}  // namespace snapledger::tidy
