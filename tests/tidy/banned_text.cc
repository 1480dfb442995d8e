#include <optional>
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

struct Ban {
  std::string_view word;
  std::string_view instead;
};

constexpr std::string_view kFileIssue = "do it, or file an issue and leave the source clean";
constexpr std::string_view kSayWhatIs =
    "say what the code does and why; how it came about belongs nowhere in the tree";

// As whole words, in this spelling.
constexpr Ban kMarks[] = {{"TODO", kFileIssue},
                          {"FIXME", kFileIssue},
                          {"XXX", kFileIssue},
                          {"HACK", kFileIssue},
                          {"WIP", kFileIssue}};

// As whole words, in any spelling: the source speaks of the service, not of its making.
constexpr Ban kMaking[] = {{"language model", kSayWhatIs}, {"coding assistant", kSayWhatIs},
                           {"co-authored-by", kSayWhatIs}, {"generated with", kSayWhatIs},
                           {"as instructed", kSayWhatIs},  {"as requested", kSayWhatIs},
                           {"the brief", kSayWhatIs},      {"this session", kSayWhatIs}};

// Where the text would come from a machine of somebody's.
constexpr Ban kHomes[] = {
    {"/home/", "a path of one machine; make it relative to the project or a setting"},
    {"/work/", "a path of one machine; make it relative to the project or a setting"},
    {"/root/", "a path of one machine; make it relative to the project or a setting"},
    {"/Users/", "a path of one machine; make it relative to the project or a setting"}};

constexpr std::string_view kRegistry =
    "names the host of a package registry; leave the choice to the tool's own settings (npm: "
    "omit-lockfile-registry-resolved=true)";
constexpr Ban kRegistries[] = {{"registry.npmjs.org", kRegistry},
                               {"registry.yarnpkg.com", kRegistry},
                               {"pypi.org", kRegistry},
                               {"artifactory", kRegistry},
                               {"\"resolved\": \"http", kRegistry},
                               {"proxy.golang.org", kRegistry},
                               {"deb.debian.org", kRegistry},
                               {"index-url", kRegistry}};

// Test vectors hold any text; these checks and their samples name what they refuse.
bool IsExempt(const SourceFile& file) {
  return file.Under("tests/golden/") || file.Under("tests/tidy/banned_text");
}

bool IsTidySample(const SourceFile& file) {
  return file.Under("tests/tidy/") && file.path.ends_with("_test.cc");
}

void AddBanned(const SourceFile& file, std::string_view text, const Ban& ban,
               const std::vector<size_t>& places, Findings* findings) {
  for (const size_t at : places) {
    findings->push_back(
        {file.path, LineAt(text, at), base::Concat("\"", ban.word, "\": ", ban.instead)});
  }
}

std::vector<size_t> FindAll(std::string_view text, std::string_view part) {
  std::vector<size_t> found;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    found.push_back(at);
  }
  return found;
}

// A path begins: `…/build/home/x` is a part of another one.
std::vector<size_t> FindPathBeginnings(std::string_view text, std::string_view path) {
  std::vector<size_t> found;
  for (const size_t at : FindAll(text, path)) {
    const char before = at == 0 ? ' ' : text[at - 1];
    if (!IsWordCharacter(before) && !Contains(".-}~*/$)", std::string(1, before))) {
      found.push_back(at);
    }
  }
  return found;
}

// NOLINT(check-name): reason. What is wrong with one, by the text from it to the line's end.
std::optional<std::string> WrongSuppression(std::string_view mark) {
  const size_t open = mark.find_first_not_of("NOLINTEXBGD");
  if (open == std::string_view::npos || mark[open] != '(') {
    return "a bare NOLINT; name the check in brackets and give the reason after them";
  }
  const size_t close = mark.find(')');
  if (close == std::string_view::npos || close == open + 1) {
    return "NOLINT names no check; name it in the brackets";
  }
  const std::string_view reason = Stripped(mark.substr(close + 1));
  if (Contains(mark.substr(0, open), "END")) return std::nullopt;
  if (!reason.starts_with(": ") || reason.size() < 12) {
    return "NOLINT without a reason; add it after the brackets: NOLINT(check): why";
  }
  return std::nullopt;
}

}  // namespace

Findings CheckBannedWords(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (IsExempt(file)) continue;
    for (const Ban& ban : kMarks) {
      // XXX is also the currency code for none.
      std::vector<size_t> places = FindWords(file.text, ban.word);
      std::erase_if(places, [&file](size_t at) { return file.InLiteral(at); });
      AddBanned(file, file.text, ban, places, &findings);
    }
    const std::string lower = absl::AsciiStrToLower(file.text);
    for (const Ban& ban : kMaking) {
      AddBanned(file, lower, ban, FindWords(lower, ban.word), &findings);
    }
  }
  return findings;
}

Findings CheckSuppressions(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!file.IsCpp() || IsExempt(file) || IsTidySample(file)) continue;
    int number = 0;
    for (const std::string_view line : Lines(file.text)) {
      ++number;
      const size_t at = line.find("NOLINT");
      if (at == std::string_view::npos) continue;
      if (auto wrong = WrongSuppression(line.substr(at))) {
        findings.push_back({file.path, number, *std::move(wrong)});
      }
    }
  }
  return findings;
}

Findings CheckPlaces(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (IsExempt(file)) continue;
    for (const Ban& ban : kHomes) {
      AddBanned(file, file.text, ban, FindPathBeginnings(file.text, ban.word), &findings);
    }
    for (const Ban& ban : kRegistries) {
      AddBanned(file, file.text, ban, FindAll(file.text, ban.word), &findings);
    }
  }
  return findings;
}

}  // namespace snapledger::tidy
