#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "services/base/text.h"
#include "tests/tidy/checks.h"
#include "tests/tidy/code_text.h"
#include "tests/tidy/folder_rules.h"

namespace snapledger::tidy {
namespace {

// Text that is not a constant, and why it may be SQL.
struct Script {
  std::string_view path;
  std::string_view argument;
  std::string_view reason;
};
constexpr Script kScripts[] = {
    {"services/bench/ledger_database.cc", "script", "constants, and a database's name of ours"},
    {"storage/connection.h", "const std::string& script", "declares it"},
    {"storage/connection.cc", "const std::string& script", "defines it"},
    {"storage/transaction.h", "begin", "one of two constants, or a caller's"},
    {"storage/transaction.h", "finish.commit ?", "one of two constants"},
    {"storage/migrator.cc", "migration.sql", "the migrations inside the program"},
    {"storage/postgres_identity.cc", "absl::StrCat(", "a partition's name, from a number of ours"},
};

bool IsKnownScript(std::string_view path, std::string_view argument) {
  return std::any_of(std::begin(kScripts), std::end(kScripts), [&](const Script& script) {
    return script.path == path && argument.starts_with(script.argument);
  });
}

// Literals, commas and blanks.
bool IsLiteralList(std::string_view code) {
  return code.find_first_not_of("\", \n") == std::string_view::npos;
}

// A literal, or a constant by its name.
bool IsConstant(std::string_view argument) {
  if (IsLiteralList(argument)) return true;
  return argument.size() > 1 && argument[0] == 'k' && absl::ascii_isupper(argument[1]) &&
         std::all_of(argument.begin(), argument.end(), IsWordCharacter);
}

// `Statement kName = {`, or a statement made on the spot.
void CheckStatement(const SourceFile& file, size_t at, Findings* findings) {
  constexpr std::string_view kWord = "Statement";
  const std::string_view code = file.code;
  const size_t end = code.find_first_of(";{()&*,>", at + kWord.size());
  if (end == std::string_view::npos || code[end] != '{') return;
  const std::string_view before = code.substr(0, at);
  if (before.ends_with("struct ")) return;
  if (IsLiteralList(Bracketed(code, end)) && before.ends_with("constexpr ")) return;
  findings->push_back({file.path, LineAt(code, at),
                       "a Statement that is not a constexpr of literals; write its text out and "
                       "pass what varies as parameters"});
}

// Who may catch: exceptions end at storage/'s edge, and where a library throws.
const std::vector<std::string_view> kCatchers = {
    "storage/transaction.",        // turns them into Status
    "storage/migrator.cc",         // says which migration failed
    "storage/pool.cc",             // keeps its count right, and throws on
    "storage/postgres_append.cc",  // a known key is no failure: it asks again
    "services/emulator/main.cc",   // CLI11 throws
    "tests/",
};

}  // namespace

Findings CheckStatements(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!file.IsCpp() || !file.Under("storage/")) continue;
    for (const size_t at : FindWords(file.code, "Statement")) CheckStatement(file, at, &findings);
  }
  return findings;
}

Findings CheckScripts(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!file.IsCpp() || file.Under("tests/")) continue;
    for (const size_t open : FindCalls(file.code, "ExecuteScript")) {
      const std::string_view argument = Stripped(Bracketed(file.code, open));
      if (IsConstant(argument) || IsKnownScript(file.path, argument)) continue;
      findings.push_back({file.path, LineAt(file.code, open),
                          base::Concat("runs SQL that is no constant (", argument,
                                       "); use a Statement with parameters, or add it with its "
                                       "reason to tests/tidy/sql_text.cc")});
    }
  }
  return findings;
}

Findings CheckCatches(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!file.IsCpp() || StartsWithAny(file.path, kCatchers)) continue;
    for (const size_t open : FindCalls(file.code, "catch")) {
      findings.push_back({file.path, LineAt(file.code, open),
                          "catches an exception; functions that can fail return absl::Status, and "
                          "storage/transaction.h is where exceptions end"});
    }
  }
  return findings;
}

}  // namespace snapledger::tidy
