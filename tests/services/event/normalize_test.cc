#include "services/event/normalize.h"

#include <gtest/gtest.h>

namespace snapledger::event {
namespace {

using Normalizer = NormalizeResult (*)(std::string_view, std::string*);

std::string Ok(Normalizer normalize, std::string_view text) {
  std::string normalized = "left over";
  EXPECT_EQ(normalize(text, &normalized), NormalizeResult::kOk) << text;
  return normalized;
}

NormalizeResult Result(Normalizer normalize, std::string_view text) {
  std::string normalized;
  return normalize(text, &normalized);
}

std::string Zip(std::string_view text, PostalCountry country = PostalCountry::kNotGiven) {
  std::string normalized;
  EXPECT_EQ(NormalizeZip(text, country, &normalized), NormalizeResult::kOk) << text;
  return normalized;
}

TEST(NormalizeEmail, LowersAndKeepsTheRest) {
  EXPECT_EQ(Ok(NormalizeEmail, "Person+Tag@Example.co.uk"), "person+tag@example.co.uk");
  EXPECT_EQ(Ok(NormalizeEmail, "o'hara@example.ie"), "o'hara@example.ie");
  EXPECT_EQ(Ok(NormalizeEmail, "Ünïcode@Exämple.com"), "ünïcode@exämple.com");
  EXPECT_EQ(Ok(NormalizeEmail, "a..b.@docomo.ne.jp"), "a..b.@docomo.ne.jp");
}

TEST(NormalizeEmail, RefusesWhatNoMailReaches) {
  for (const char* text :
       {"person", "person@", "@example.com", "person@@example.com", "a@b@example.com",
        "person@example", "person@example..com", "person@.com", "person@example.com.",
        "person@-example.com", "per son@example.com", "person@exam ple.com", "<a@example.com>",
        "person@127.0.0.1", "a,b@example.com", "person@example.com, b@example.com"}) {
    EXPECT_EQ(Result(NormalizeEmail, text), NormalizeResult::kMalformed) << text;
  }
  EXPECT_EQ(Result(NormalizeEmail, std::string(65, 'a') + "@example.com"),
            NormalizeResult::kMalformed);
}

TEST(NormalizeName, KeepsLettersOfEveryScript) {
  EXPECT_EQ(Ok(NormalizeName, "Raphaël"), "raphaël");
  EXPECT_EQ(Ok(NormalizeName, "St. John"), "stjohn");
  EXPECT_EQ(Ok(NormalizeName, "Saint-Denis"), "saintdenis");
  EXPECT_EQ(Ok(NormalizeName, "نورة"), "نورة");
  EXPECT_EQ(Result(NormalizeName, "…"), NormalizeResult::kEmpty);
}

TEST(NormalizeGender, KnowsFAndM) {
  EXPECT_EQ(Ok(NormalizeGender, "Female"), "f");
  EXPECT_EQ(Ok(NormalizeGender, "F"), "f");
  EXPECT_EQ(Ok(NormalizeGender, "MALE"), "m");
  EXPECT_EQ(Result(NormalizeGender, "non-binary"), NormalizeResult::kUnknown);
  EXPECT_EQ(Result(NormalizeGender, "?"), NormalizeResult::kEmpty);
}

TEST(NormalizeState, UsesCodesInTheUnitedStates) {
  EXPECT_EQ(Ok(NormalizeState, "New York"), "ny");
  EXPECT_EQ(Ok(NormalizeState, "CA"), "ca");
  EXPECT_EQ(Ok(NormalizeState, "New South Wales"), "newsouthwales");
}

TEST(NormalizeZip, CutsZipPlusFour) {
  EXPECT_EQ(Zip("94101"), "94101");
  EXPECT_EQ(Zip("94101-1234"), "94101");
  EXPECT_EQ(Zip("94101 1234"), "94101");
  EXPECT_EQ(Zip("941011234", PostalCountry::kUnitedStates), "94101");
  EXPECT_EQ(Zip("941011234"), "941011234");
  EXPECT_EQ(Zip("12345-6789", PostalCountry::kOther), "123456789");
}

TEST(NormalizeZip, KeepsOtherCodesWhole) {
  EXPECT_EQ(Zip("SW1A 1AA"), "sw1a1aa");
  EXPECT_EQ(Zip("K1A 0B1"), "k1a0b1");
  EXPECT_EQ(Zip("101-0001"), "1010001");
}

TEST(NormalizeCountry, KnowsCodesAndNames) {
  EXPECT_EQ(Ok(NormalizeCountry, "U.S.A."), "us");
  EXPECT_EQ(Ok(NormalizeCountry, "South Africa"), "za");
  EXPECT_EQ(Result(NormalizeCountry, "Neverland"), NormalizeResult::kUnknown);
}

TEST(NormalizeExternalId, KeepsCase) {
  EXPECT_EQ(Ok(NormalizeExternalId, "User-1234"), "User-1234");
}

}  // namespace
}  // namespace snapledger::event
