#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/base/text.h"
#include "tests/tidy/checks.h"
#include "tests/tidy/code_text.h"
#include "tests/tidy/folder_rules.h"

namespace snapledger::tidy {
namespace {

struct Include {
  std::string_view header;
  bool quoted = false;
  int line = 0;
};

std::optional<Include> ParseInclude(std::string_view line, int number) {
  line = Stripped(line);
  if (!ConsumePrefix(&line, "#include ") || line.size() < 3) return std::nullopt;
  const bool quoted = line.front() == '"';
  const size_t end = line.find(quoted ? '"' : '>', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return Include{line.substr(1, end - 1), quoted, number};
}

std::vector<Include> IncludesOf(const SourceFile& file) {
  std::vector<Include> includes;
  int number = 0;
  for (const std::string_view line : Lines(file.without_comments)) {
    if (const auto include = ParseInclude(line, ++number)) includes.push_back(*include);
  }
  return includes;
}

// Where our own headers and the generated ones begin.
const std::vector<std::string_view> kOurHeaders = {"services/", "storage/", "tests/",
                                                   "snapledger/v1/", "google/rpc/"};
// What else stands in quotes.
const std::vector<std::string_view> kQuotedHeaders = {"absl/", "google/protobuf/"};

std::string_view FolderOf(std::string_view path) { return path.substr(0, path.rfind('/') + 1); }

std::optional<std::string> WrongDirection(const FolderRule& rule, const Include& include) {
  if (include.header.starts_with(rule.folder)) return std::nullopt;
  if (StartsWithAny(include.header, rule.may_include)) return std::nullopt;
  return base::Concat(rule.folder, " must not include \"", include.header, "\": it may include {",
                      Joined(rule.may_include),
                      "}; move the code, or change tests/tidy/folder_rules.cc with a decision");
}

// What pure code may not reach for: files, sockets, threads, clocks, logs.
const std::vector<std::string_view> kImpureHeaders = {"chrono",
                                                      "condition_variable",
                                                      "cstdio",
                                                      "ctime",
                                                      "fcntl.h",
                                                      "filesystem",
                                                      "fstream",
                                                      "future",
                                                      "iostream",
                                                      "mutex",
                                                      "poll.h",
                                                      "services/base/clock.h",
                                                      "signal.h",
                                                      "services/base/log.h",
                                                      "services/base/executor.h",
                                                      "sys/",
                                                      "services/base/metric",
                                                      "services/base/periodic.h",
                                                      "thread",
                                                      "unistd.h",
                                                      "absl/synchronization/",
                                                      "ostream",
                                                      "absl/time/clock.h",
                                                      "random",
                                                      "openssl/rand"};
const std::vector<std::string_view> kPureCode = {"services/event/",
                                                 "services/snap/encode",
                                                 "services/snap/decode",
                                                 "services/snap/redact",
                                                 "services/dispatch/outcome",
                                                 "services/dispatch/retry_policy",
                                                 "services/matchrate/coverage_rows"};

}  // namespace

Findings CheckIncludeDirections(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!file.IsCpp()) continue;
    const FolderRule* const rule = RuleFor(file.path);
    if (rule == nullptr && !file.Under("tests/")) {
      findings.push_back({file.path, 0,
                          base::Concat("no rule says what ", FolderOf(file.path),
                                       " may include; add it to tests/tidy/folder_rules.cc")});
      continue;
    }
    for (const Include& include : IncludesOf(file)) {
      const bool ours = StartsWithAny(include.header, kOurHeaders);
      if (include.quoted && !ours && !StartsWithAny(include.header, kQuotedHeaders)) {
        findings.push_back({file.path, include.line,
                            base::Concat("\"", include.header,
                                         "\" does not begin at the project's folder; give the whole"
                                         " path, or <> for a library's header")});
      }
      if (!ours || rule == nullptr) continue;
      if (auto wrong = WrongDirection(*rule, include)) {
        findings.push_back({file.path, include.line, *std::move(wrong)});
      }
    }
  }
  return findings;
}

Findings CheckLibraryIncludes(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!file.IsCpp()) continue;
    for (const Include& include : IncludesOf(file)) {
      for (const LibraryRule& rule : LibraryRules()) {
        if (!Contains(include.header, rule.header_part)) continue;
        if (StartsWithAny(file.path, rule.users)) continue;
        findings.push_back(
            {file.path, include.line,
             base::Concat("<", include.header, "> is not for this file: ", rule.reason, "; only {",
                          Joined(rule.users), "} may include it")});
      }
    }
  }
  return findings;
}

Findings CheckPureCode(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!file.IsCpp() || !StartsWithAny(file.path, kPureCode)) continue;
    for (const Include& include : IncludesOf(file)) {
      if (!StartsWithAny(include.header, kImpureHeaders)) continue;
      findings.push_back({file.path, include.line,
                          base::Concat("pure code includes ", include.header,
                                       "; do the input, output or waiting in the caller and pass"
                                       " the value in")});
    }
    for (const size_t at : FindCalls(file.code, "Now")) {
      findings.push_back({file.path, LineAt(file.code, at),
                          "pure code asks the clock; take the time as an argument"});
    }
  }
  return findings;
}

}  // namespace snapledger::tidy
