#include "services/event/extra_object.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

#include "services/event/text.h"

namespace snapledger::event {
namespace {

constexpr int kDepthMax = 16;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A strict reader that keeps nothing but the names of the outermost members.
class Reader {
 public:
  explicit Reader(std::string_view json) : rest_(json) {}

  bool Read(std::vector<std::string>* names) {
    SkipSpace();
    if (!ReadObject(1, names)) return false;
    SkipSpace();
    return rest_.empty();
  }

 private:
  void SkipSpace() {
    const size_t next = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(next == std::string_view::npos ? rest_.size() : next);
  }

  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool TakeWord(std::string_view word) {
    if (rest_.substr(0, word.size()) != word) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool ReadValue(int depth) {
    if (depth > kDepthMax || rest_.empty()) return false;
    switch (rest_.front()) {
      case '{':
        return ReadObject(depth, nullptr);
      case '[':
        return ReadArray(depth);
      case '"':
        return ReadString(nullptr);
      case 't':
        return TakeWord("true");
      case 'f':
        return TakeWord("false");
      case 'n':
        return TakeWord("null");
      default:
        return ReadNumber();
    }
  }

  bool ReadObject(int depth, std::vector<std::string>* names) {
    if (!Take('{')) return false;
    SkipSpace();
    if (Take('}')) return true;
    do {
      SkipSpace();
      std::string name;
      if (!ReadString(names == nullptr ? nullptr : &name)) return false;
      if (names != nullptr) names->push_back(std::move(name));
      SkipSpace();
      if (!Take(':')) return false;
      SkipSpace();
      if (!ReadValue(depth + 1)) return false;
      SkipSpace();
    } while (Take(','));
    return Take('}');
  }

  bool ReadArray(int depth) {
    if (!Take('[')) return false;
    SkipSpace();
    if (Take(']')) return true;
    do {
      SkipSpace();
      if (!ReadValue(depth + 1)) return false;
      SkipSpace();
    } while (Take(','));
    return Take(']');
  }

  bool ReadString(std::string* text) {
    if (!Take('"')) return false;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\') {
        if (!ReadEscape(text)) return false;
      } else if (text != nullptr) {
        text->push_back(c);
      }
    }
    return false;
  }

  bool ReadEscape(std::string* text) {
    if (rest_.empty()) return false;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == 'u') return ReadUnicodeEscape(text);
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const size_t position = kLetters.find(c);
    if (position == std::string_view::npos) return false;
    if (text != nullptr) text->push_back(kMeanings[position]);
    return true;
  }

  bool ReadCodeUnit(uint32_t* unit) {
    if (rest_.size() < 4) return false;
    *unit = 0;
    for (const char c : rest_.substr(0, 4)) {
      const size_t digit = std::string_view("0123456789abcdef")
                               .find(static_cast<char>(c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c));
      if (digit == std::string_view::npos) return false;
      *unit = *unit << 4 | static_cast<uint32_t>(digit);
    }
    rest_.remove_prefix(4);
    return true;
  }

  bool ReadUnicodeEscape(std::string* text) {
    uint32_t unit = 0;
    if (!ReadCodeUnit(&unit)) return false;
    if (unit >= 0xDC00 && unit <= 0xDFFF) return false;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
      uint32_t low = 0;
      if (!TakeWord("\\u") || !ReadCodeUnit(&low) || low < 0xDC00 || low > 0xDFFF) return false;
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    if (text == nullptr) return true;
    char bytes[4];
    int32_t length = 0;
    U8_APPEND_UNSAFE(bytes, length, unit);
    text->append(bytes, static_cast<size_t>(length));
    return true;
  }

  bool TakeDigits() {
    size_t count = 0;
    while (count < rest_.size() && IsDigit(rest_[count])) ++count;
    rest_.remove_prefix(count);
    return count > 0;
  }

  bool ReadNumber() {
    Take('-');
    if (!Take('0') && !TakeDigits()) return false;
    if (Take('.') && !TakeDigits()) return false;
    if (Take('e') || Take('E')) {
      if (!Take('+')) Take('-');
      return TakeDigits();
    }
    return true;
  }

  std::string_view rest_;
};

bool HasRepetition(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

}  // namespace

std::optional<std::vector<std::string>> ReadMemberNames(std::string_view json) {
  std::vector<std::string> names;
  if (!IsValidUtf8(json) || !Reader(json).Read(&names) || HasRepetition(names)) {
    return std::nullopt;
  }
  return names;
}

}  // namespace snapledger::event
