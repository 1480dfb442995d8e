#include "services/event/text.h"

#include <gtest/gtest.h>

namespace snapledger::event {
namespace {

std::string Lower(std::string_view text) {
  std::string lower = "left over";
  LowerCase(text, &lower);
  return lower;
}

std::string Kept(std::string_view text) {
  std::string kept = "left over";
  KeepLettersAndDigits(text, &kept);
  return kept;
}

TEST(Text, FindsBytesBeyondAsciiWhereverTheyStand) {
  for (size_t position = 0; position < 20; ++position) {
    std::string text(20, 'a');
    EXPECT_TRUE(IsAscii(text));
    text[position] = '\x80';
    EXPECT_FALSE(IsAscii(text)) << position;
  }
}

TEST(Text, TakesOnlyWellFormedUtf8) {
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_TRUE(IsValidUtf8("Raphaël 東京 😀"));
  EXPECT_FALSE(IsValidUtf8("\xC0\x80"));          // overlong
  EXPECT_FALSE(IsValidUtf8("\xED\xA0\x80"));      // surrogate
  EXPECT_FALSE(IsValidUtf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(IsValidUtf8("caf\xC3"));           // cut off
}

TEST(Text, FindsControlCharacters) {
  EXPECT_FALSE(HasControlCharacter("Raphaël 東京"));
  EXPECT_TRUE(HasControlCharacter("a\nb"));
  EXPECT_TRUE(HasControlCharacter(std::string_view("a\0b", 3)));
  EXPECT_TRUE(HasControlCharacter("a\x7F"));
  EXPECT_TRUE(HasControlCharacter("a\xC2\x85"));
}

TEST(Text, FindsControlCharactersWhereverTheyStand) {
  for (const std::string control : {"\x01", "\x1f", "\x7f", "\xc2\x80", "\xc2\x9f"}) {
    for (size_t place = 0; place < 20; ++place) {
      std::string text(20, '~');
      EXPECT_FALSE(HasControlCharacter(text));
      text.insert(place, control);
      EXPECT_TRUE(HasControlCharacter(text)) << place;
    }
  }
}

TEST(Text, CountsCharactersNotBytes) {
  EXPECT_EQ(CountCharacters("東京😀"), 3U);
  EXPECT_EQ(CountCharacters(""), 0U);
}

TEST(Text, TrimsUnicodeWhiteSpace) {
  EXPECT_EQ(TrimWhitespace(" \t\n a b \r"), "a b");
  EXPECT_EQ(TrimWhitespace("\u00A0\u3000\uFEFFa\u200B\u202F"), "a");
  EXPECT_EQ(TrimWhitespace(" \u00A0 "), "");
  EXPECT_EQ(TrimWhitespace(""), "");
}

TEST(Text, LowersInNormalFormC) {
  EXPECT_EQ(Lower("Ünïcode@Exämple.COM"), "ünïcode@exämple.com");
  EXPECT_EQ(Lower("Raphae\u0308l"), "raphaël");
  EXPECT_EQ(Lower("IŞIK"), "işik");  // no locale's dotless i
}

TEST(Text, KeepsLettersMarksAndDigitsOnly) {
  EXPECT_EQ(Kept("D'Angelo-Smith 3rd"), "dangelosmith3rd");
  EXPECT_EQ(Kept("O’Neil"), "oneil");
  EXPECT_EQ(Kept("Île-de-France ☆"), "îledefrance");
  EXPECT_EQ(Kept("สมชาย"), "สมชาย");
  EXPECT_EQ(Kept("--- "), "");
}

TEST(Text, AsciiCaseIsAsciiOnly) {
  EXPECT_EQ(ToLowerAscii("AbÄ"), "abÄ");
  EXPECT_EQ(ToUpperAscii("abä"), "ABä");
  EXPECT_TRUE(EqualsIgnoringCase("NULL", "null"));
  EXPECT_FALSE(EqualsIgnoringCase("null", "nul"));
}

}  // namespace
}  // namespace snapledger::event
