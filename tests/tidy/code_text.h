#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace snapledger::tidy {

// C++ text with comments blanked, and with the insides of string and character literals blanked
// too; the quotes stay. Line breaks stay where they were.
struct CodeText {
  std::string without_comments;
  std::string code;
};
CodeText SplitCode(std::string_view text);

// The same with preprocessor lines blanked.
std::string WithoutPreprocessor(std::string_view code);

// The abseil of Debian 12 takes no std::string_view: these are its functions for one.
std::string_view Stripped(std::string_view text);
bool Contains(std::string_view text, std::string_view part);
bool ConsumePrefix(std::string_view* text, std::string_view prefix);
bool ConsumeSuffix(std::string_view* text, std::string_view suffix);
// At every one of `separators`; keeps empty pieces.
std::vector<std::string_view> Split(std::string_view text, std::string_view separators);
std::string Joined(const std::vector<std::string_view>& parts);  // "a, b"

std::vector<std::string_view> Lines(std::string_view text);
int LineAt(std::string_view text, size_t offset);  // counted from 1

bool IsWordCharacter(char c);

// Where `word` next stands as a whole word at or after `from`; npos where it does not.
size_t FindWord(std::string_view text, std::string_view word, size_t from = 0);

// Every place of `word` as a whole word.
std::vector<size_t> FindWords(std::string_view text, std::string_view word);

// `open` is the offset of a bracket: what stands between it and the one that closes it. Empty
// where none does.
std::string_view Bracketed(std::string_view code, size_t open);

// `word` as a call: the offset of each of its '(' and nothing but blanks between.
std::vector<size_t> FindCalls(std::string_view code, std::string_view word);

}  // namespace snapledger::tidy
