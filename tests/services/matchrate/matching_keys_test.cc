#include "services/matchrate/matching_keys.h"

#include <gtest/gtest.h>

#include <set>

namespace snapledger::matchrate {
namespace {

TEST(MatchingKeysTest, NamesGenderAndPlacesAreNone) {
  event::IdentifierMask keys = 0;
  for (const event::IdentifierKind kind : MatchingKeys()) keys |= event::MaskOf(kind);
  for (int number = 8; number <= 14; ++number) {
    EXPECT_EQ(keys & event::MaskOf(static_cast<event::IdentifierKind>(number)), 0) << number;
  }
  EXPECT_EQ(MatchingKeys().size(), 8U);
}

TEST(MatchingKeysTest, EveryIdentifierHasItsWords) {
  std::set<std::string_view> words;
  for (int number = 1; number <= 15; ++number) {
    words.insert(IdentifierWords(static_cast<event::IdentifierKind>(number)));
  }
  EXPECT_EQ(words.size(), 15U);
  EXPECT_FALSE(words.contains("unknown identifier"));
}

}  // namespace
}  // namespace snapledger::matchrate
