#include "tests/tidy/code_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "services/base/text.h"

namespace snapledger::tidy {
namespace {

// Walks the text once, literal by literal and comment by comment.
class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {
    result_.without_comments = std::string(text);
    result_.code = std::string(text);
  }

  CodeText Run() {
    while (at_ < text_.size()) {
      if (Starts("//")) {
        BlankComment(std::min(text_.find('\n', at_), text_.size()));
      } else if (Starts("/*")) {
        BlankComment(EndOf("*/", at_ + 2));
      } else if (Starts("R\"") && !AfterWord()) {
        BlankRawString();
      } else if (text_[at_] == '"' || (text_[at_] == '\'' && !AfterWord())) {
        BlankQuoted(text_[at_]);
      } else {
        ++at_;
      }
    }
    return std::move(result_);
  }

 private:
  bool Starts(std::string_view mark) const { return text_.substr(at_).starts_with(mark); }
  // A quote after a digit separates digits; R after a letter is part of a name.
  bool AfterWord() const { return at_ > 0 && IsWordCharacter(text_[at_ - 1]); }

  size_t EndOf(std::string_view mark, size_t from) const {
    const size_t found = text_.find(mark, from);
    return found == std::string_view::npos ? text_.size() : found + mark.size();
  }

  static void Blank(size_t begin, size_t end, std::string* text) {
    for (size_t at = begin; at < end; ++at) {
      if ((*text)[at] != '\n') (*text)[at] = ' ';
    }
  }

  void BlankComment(size_t end) {
    Blank(at_, end, &result_.without_comments);
    Blank(at_, end, &result_.code);
    at_ = end;
  }

  void BlankRawString() {
    const size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) {
      at_ = text_.size();
      return;
    }
    const std::string_view delimiter = text_.substr(at_ + 2, open - at_ - 2);
    const size_t end = EndOf(base::Concat(")", delimiter, "\""), open);
    Blank(at_, at_ + 1, &result_.code);
    if (end > at_ + 3) Blank(at_ + 2, end - 1, &result_.code);
    at_ = end;
  }

  void BlankQuoted(char quote) {
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    end = std::min(end, text_.size());
    Blank(at_ + 1, end, &result_.code);
    at_ = end + 1;
  }

  std::string_view text_;
  size_t at_ = 0;
  CodeText result_;
};

char Closing(char open) {
  switch (open) {
    case '(':
      return ')';
    case '[':
      return ']';
    default:
      return '}';
  }
}

}  // namespace

CodeText SplitCode(std::string_view text) { return Splitter(text).Run(); }

std::string WithoutPreprocessor(std::string_view code) {
  std::string result;
  bool continued = false;
  for (const std::string_view line : Lines(code)) {
    const bool directive = continued || Stripped(line).starts_with('#');
    continued = directive && line.ends_with('\\');
    result += directive ? std::string(line.size(), ' ') : std::string(line);
    result += '\n';
  }
  return result;
}

std::string_view Stripped(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return text.substr(text.size());
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool ConsumePrefix(std::string_view* text, std::string_view prefix) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

bool ConsumeSuffix(std::string_view* text, std::string_view suffix) {
  if (!text->ends_with(suffix)) return false;
  text->remove_suffix(suffix.size());
  return true;
}

std::vector<std::string_view> Split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> pieces;
  size_t begin = 0;
  for (size_t end = text.find_first_of(separators); end != std::string_view::npos;
       end = text.find_first_of(separators, begin)) {
    pieces.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  pieces.push_back(text.substr(begin));
  return pieces;
}

std::string Joined(const std::vector<std::string_view>& parts) {
  std::string joined;
  for (const std::string_view part : parts) {
    if (!joined.empty()) joined += ", ";
    joined += part;
  }
  return joined;
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines = Split(text, "\n");
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

int LineAt(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, offset);
  return 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
}

bool IsWordCharacter(char c) { return absl::ascii_isalnum(c) || c == '_'; }

size_t FindWord(std::string_view text, std::string_view word, size_t from) {
  for (size_t at = text.find(word, from); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool begins = at == 0 || !IsWordCharacter(text[at - 1]);
    if (begins && (end == text.size() || !IsWordCharacter(text[end]))) return at;
  }
  return std::string_view::npos;
}

std::vector<size_t> FindWords(std::string_view text, std::string_view word) {
  std::vector<size_t> found;
  for (size_t at = FindWord(text, word); at != std::string_view::npos;
       at = FindWord(text, word, at + 1)) {
    found.push_back(at);
  }
  return found;
}

std::string_view Bracketed(std::string_view code, size_t open) {
  const char closing = Closing(code[open]);
  int depth = 0;
  for (size_t at = open; at < code.size(); ++at) {
    if (code[at] == code[open]) ++depth;
    if (code[at] == closing && --depth == 0) return code.substr(open + 1, at - open - 1);
  }
  return {};
}

std::vector<size_t> FindCalls(std::string_view code, std::string_view word) {
  std::vector<size_t> calls;
  for (const size_t at : FindWords(code, word)) {
    const size_t next = code.find_first_not_of(" \n", at + word.size());
    if (next != std::string_view::npos && code[next] == '(') calls.push_back(next);
  }
  return calls;
}

}  // namespace snapledger::tidy
