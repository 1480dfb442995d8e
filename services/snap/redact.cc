#include "services/snap/redact.h"

#include <arpa/inet.h>

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"

namespace snapledger::snap {
namespace {

constexpr std::string_view kRemoved = "[removed]";
// Nobody reads further; it bounds the work too.
constexpr size_t kTextBytesMax = 8192;
constexpr int kDigitsMax = 6;
// Digests, tokens and keys are unbroken; no word of a language is this long.
constexpr int kUnbrokenMax = 31;

int DigitCount(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), absl::ascii_isdigit));
}

int LongestUnbroken(std::string_view text) {
  int longest = 0;
  int length = 0;
  for (const char c : text) {
    length =
        absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '+' || c == '/' ? length + 1 : 0;
    longest = std::max(longest, length);
  }
  return longest;
}

bool IsIpAddress(std::string_view text) {
  const std::string address(text);
  in6_addr parsed{};
  return inet_pton(AF_INET, address.c_str(), &parsed) == 1 ||
         inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
}

// Alone, with punctuation behind it, with a port, or behind a name of hexadecimal letters.
bool NamesIpAddress(std::string_view text) {
  const size_t colon = text.find(':');
  return IsIpAddress(text) || IsIpAddress(text.substr(0, text.find_last_not_of(".:") + 1)) ||
         IsIpAddress(text.substr(0, colon)) || IsIpAddress(text.substr(colon + 1));
}

// An address may stand in JSON, in brackets or behind the name of a field.
bool HoldsIpAddress(std::string_view word) {
  constexpr std::string_view kAddress = "0123456789abcdefABCDEF:.";
  size_t end = 0;
  for (size_t begin = 0; (begin = word.find_first_of(kAddress, end)) != std::string_view::npos;) {
    end = std::min(word.find_first_not_of(kAddress, begin), word.size());
    std::string_view part = word.substr(begin, end - begin);
    if (begin > 0 && absl::ascii_isalnum(static_cast<unsigned char>(word[begin - 1]))) {
      // The end of a name, and a colon where it has ended.
      part.remove_prefix(std::min(part.find(':'), part.size()));
      part.remove_prefix(std::min(part.find_first_not_of(':'), part.size()));
    }
    if (NamesIpAddress(part)) return true;
  }
  return false;
}

bool IsPersonal(std::string_view word) {
  return word.find('@') != std::string_view::npos || word.find("%40") != std::string_view::npos ||
         DigitCount(word) > kDigitsMax || LongestUnbroken(word) > kUnbrokenMax ||
         HoldsIpAddress(word);
}

// One group of a number written in groups: +49 (170) 123-45
bool IsDigitGroup(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789+-()./'\"") == std::string_view::npos;
}

// The end of the run of digit groups that starts at `first` and together make a long number;
// `first` where they do not.
size_t EndOfLongNumber(const std::vector<std::string_view>& words, size_t first) {
  size_t end = first;
  int digits = 0;
  while (end < words.size() && IsDigitGroup(words[end])) digits += DigitCount(words[end++]);
  return digits > kDigitsMax ? end : first;
}

// What stands before the query of a URL, or the whole word where it has none.
std::string_view WithoutQuery(std::string_view word) {
  const size_t question_mark = word.find('?');
  const bool has_query = question_mark != std::string_view::npos &&
                         word.find('=', question_mark) != std::string_view::npos;
  return has_query ? word.substr(0, question_mark) : word;
}

void AppendRedacted(std::string_view word, std::string* text) {
  const std::string_view kept = WithoutQuery(word);
  const bool names_secret = word.find("access_token=") != std::string_view::npos;
  if (IsPersonal(kept) || (names_secret && kept.size() == word.size())) {
    text->append(kRemoved);
    return;
  }
  text->append(kept);
  if (kept.size() < word.size()) text->append(kRemoved);
}

// Bytes of the UTF-8 character that starts with `first`; 0 where none does.
size_t BytesAnnouncedBy(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return 2;
  if (first < 0xF0) return 3;
  return first < 0xF5 ? 4 : 0;
}

// Bytes of the UTF-8 character at the start of `text`; 0 where there is none.
size_t CharacterBytes(std::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const size_t size = BytesAnnouncedBy(byte(0));
  if (size < 2) return size;
  if (text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (byte(0) == 0xE0 && byte(1) < 0xA0) || (byte(0) == 0xF0 && byte(1) < 0x90);
  const bool surrogate = byte(0) == 0xED && byte(1) >= 0xA0;
  const bool too_high = byte(0) == 0xF4 && byte(1) >= 0x90;
  return overlong || surrogate || too_high ? 0 : size;
}

std::string Printable(std::string_view text) {
  std::string printable;
  printable.reserve(text.size());
  while (!text.empty()) {
    const size_t size = CharacterBytes(text);
    const bool control = size == 1 && absl::ascii_iscntrl(static_cast<unsigned char>(text[0]));
    // U+0080 to U+009F are control characters too.
    const bool control_2 = size == 2 && text[0] == '\xC2' && text[1] < '\xA0';
    if (size == 0) {
      printable.push_back('?');
    } else if (control || control_2) {
      printable.push_back(' ');
    } else {
      printable.append(text.substr(0, size));
    }
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return printable;
}

// The start of a text too long to keep, without a last word of which only a part would be seen.
std::string_view Start(std::string_view text) {
  if (text.size() <= kTextBytesMax) return text;
  text = text.substr(0, kTextBytesMax);
  return text.substr(0, text.rfind(' '));
}

std::vector<std::string_view> SplitAtSpaces(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) return words;
    words.push_back(text.substr(0, text.find(' ')));
    text.remove_prefix(words.back().size());
  }
}

}  // namespace

std::string Redact(std::string_view text, size_t bytes_max) {
  const std::string printable = Printable(Start(text));
  const std::vector<std::string_view> words = SplitAtSpaces(printable);
  std::string redacted;
  for (size_t i = 0; i < words.size() && redacted.size() <= bytes_max;) {
    if (!redacted.empty()) redacted.push_back(' ');
    const size_t end = EndOfLongNumber(words, i);
    if (end > i) {
      redacted.append(kRemoved);
      i = end;
    } else {
      AppendRedacted(words[i++], &redacted);
    }
  }
  CutAtCharacter(bytes_max, &redacted);
  return redacted;
}

void CutAtCharacter(size_t bytes_max, std::string* text) {
  if (text->size() <= bytes_max) return;
  while (bytes_max > 0 && (static_cast<unsigned char>((*text)[bytes_max]) & 0xC0) == 0x80) {
    --bytes_max;
  }
  text->resize(bytes_max);
}

}  // namespace snapledger::snap
