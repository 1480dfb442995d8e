#include "tests/tidy/function_lengths.h"

#include <algorithm>
#include <utility>

#include "services/base/text.h"
#include "tests/tidy/checks.h"
#include "tests/tidy/code_text.h"

namespace snapledger::tidy {
namespace {

constexpr int kFunctionLinesMax = 60;

enum class Block { kScope, kFunction, kOther };

// What a brace opens, by what stands before it since the last statement ended.
Block KindOf(std::string_view head) {
  head = Stripped(head);
  if (head.empty() || head.ends_with('=')) return Block::kOther;
  for (const std::string_view word : {"namespace", "class", "struct", "union", "enum"}) {
    const size_t at = FindWord(head, word);
    // `struct X` is also a return type, and `class` a template's parameter.
    const bool in_template = at != std::string_view::npos && at > 0 &&
                             (head[at - 1] == '<' || Contains(head.substr(0, at), "<"));
    if (at != std::string_view::npos && !in_template && head.find('(') == std::string_view::npos) {
      return Block::kScope;
    }
  }
  if (head.find(')') != std::string_view::npos) return Block::kFunction;
  for (const std::string_view word : {"class", "struct", "union"}) {
    if (FindWord(head, word) != std::string_view::npos) return Block::kScope;
  }
  if (FindWord(head, "extern") != std::string_view::npos) return Block::kScope;
  return Block::kOther;
}

// The last word before the first bracket: `absl::Status Foo::Bar(int a)` -> "Foo::Bar".
std::string NameOf(std::string_view head) {
  const std::string_view before = Stripped(head.substr(0, head.find('(')));
  size_t begin = before.size();
  while (begin > 0 && (IsWordCharacter(before[begin - 1]) || before[begin - 1] == ':' ||
                       before[begin - 1] == '~')) {
    --begin;
  }
  return std::string(before.substr(begin));
}

class Scanner {
 public:
  explicit Scanner(std::string_view code) : code_(code) {}

  FunctionScan Run() {
    while (at_ < code_.size() && scan_.balanced) {
      Step(code_[at_]);
      ++at_;
    }
    if (depth_ != 0) scan_.balanced = false;
    if (!scan_.balanced) scan_.functions.clear();
    return std::move(scan_);
  }

 private:
  void Step(char c) {
    switch (c) {
      case '(':
        Skip();
        break;
      case ';':
        head_ = at_ + 1;
        break;
      case ':':
        SkipLabel();
        break;
      case '{':
        Open();
        break;
      case '}':
        if (--depth_ < 0) scan_.balanced = false;
        head_ = at_ + 1;
        break;
      default:
        break;
    }
  }

  // To the bracket that closes the one here: what stands between declares nothing.
  void Skip() {
    const std::string_view inside = Bracketed(code_, at_);
    if (inside.data() == nullptr) {
      scan_.balanced = false;
    } else {
      at_ += inside.size() + 1;
    }
  }

  // `public:` ends what stood before it.
  void SkipLabel() {
    const std::string_view head = Stripped(code_.substr(head_, at_ - head_));
    if (head == "public" || head == "private" || head == "protected") head_ = at_ + 1;
  }

  void Open() {
    const std::string_view head = code_.substr(head_, at_ - head_);
    const Block kind = KindOf(head);
    if (kind == Block::kScope) {
      ++depth_;
      head_ = at_ + 1;
      return;
    }
    Skip();
    if (!scan_.balanced || kind == Block::kOther) return;
    // `Foo::Foo() : a_{1}, b_{2} {`: only the last brace opens the body.
    const size_t next = code_.find_first_not_of(" \n", at_ + 1);
    if (next != std::string_view::npos && (code_[next] == ',' || code_[next] == '{')) return;
    const size_t begin = code_.find_first_not_of(" \n", head_);
    scan_.functions.push_back({NameOf(head), LineAt(code_, begin), LineAt(code_, at_)});
    head_ = at_ + 1;
  }

  std::string_view code_;
  size_t at_ = 0;
  size_t head_ = 0;  // where what is being declared began
  int depth_ = 0;    // of scopes that declare
  FunctionScan scan_;
};

}  // namespace

FunctionScan ScanFunctions(std::string_view code) {
  const std::string plain = WithoutPreprocessor(code);
  return Scanner(plain).Run();
}

Findings CheckFunctionLengths(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!file.IsCpp()) continue;
    const FunctionScan scan = ScanFunctions(file.code);
    if (!scan.balanced) {
      findings.push_back({file.path, 0,
                          "brackets do not match, so no function could be measured; let both "
                          "branches of an #if open and close the same ones"});
    }
    for (const FunctionExtent& function : scan.functions) {
      if (function.lines() <= kFunctionLinesMax) continue;
      findings.push_back(
          {file.path, function.begin_line,
           base::Concat(function.name, " has ", function.lines(),
                        " lines; split it into functions of at most ", kFunctionLinesMax)});
    }
  }
  return findings;
}

}  // namespace snapledger::tidy
