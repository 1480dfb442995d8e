#include "services/event/text.h"

#include <gtest/gtest.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

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

// What Unicode says, without a shorter way for any text.
icu::UnicodeString Composed(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  return icu::Normalizer2::getNFCInstance(status)->normalize(text, status);
}

icu::UnicodeString LowerByUnicode(std::string_view text) {
  const icu::StringPiece piece(text.data(), static_cast<int32_t>(text.size()));
  icu::UnicodeString lower = Composed(icu::UnicodeString::fromUTF8(piece));
  return Composed(lower.toLower(icu::Locale::getRoot()));
}

std::string InUtf8(const icu::UnicodeString& text) {
  std::string bytes;
  return text.toUTF8String(bytes);
}

std::string KeptByUnicode(std::string_view text) {
  const icu::UnicodeString lower = LowerByUnicode(text);
  icu::UnicodeString kept;
  for (int32_t i = 0; i < lower.length(); i = lower.moveIndex32(i, 1)) {
    const uint32_t category = U_GET_GC_MASK(lower.char32At(i));
    if ((category & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)) != 0) kept.append(lower.char32At(i));
  }
  return InUtf8(Composed(kept));
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

TEST(Text, TreatsEveryCharacterAsUnicodeSays) {
  for (UChar32 c = 1; c <= UCHAR_MAX_VALUE; ++c) {
    if (U_IS_SURROGATE(c)) continue;
    const std::string character = InUtf8(icu::UnicodeString(c));
    // Alone; with an accent; between a sigma, which has a form of its own at a word's end, and an
    // accent that stands apart from its letter.
    for (const std::string& text :
         {character, character + "\u0301", "Ä\u03A3" + character + "Sa-\u0301 " + character}) {
      ASSERT_EQ(Lower(text), InUtf8(LowerByUnicode(text))) << "U+" << std::hex << c;
      ASSERT_EQ(Kept(text), KeptByUnicode(text)) << "U+" << std::hex << c;
    }
    const bool is_space = u_isUWhiteSpace(c) != 0 || c == 0xFEFF || c == 0x200B;
    ASSERT_EQ(TrimWhitespace(character).empty(), is_space) << "U+" << std::hex << c;
  }
}

TEST(Text, AsciiCaseIsAsciiOnly) {
  EXPECT_EQ(ToLowerAscii("AbÄ"), "abÄ");
  EXPECT_EQ(ToUpperAscii("abä"), "ABä");
  EXPECT_TRUE(EqualsIgnoringCase("NULL", "null"));
  EXPECT_FALSE(EqualsIgnoringCase("null", "nul"));
}

}  // namespace
}  // namespace snapledger::event
