#include "services/event/sha256.h"

#include <gtest/gtest.h>


namespace snapledger::event {
namespace {

std::string Hex(std::string_view bytes) {
  std::string hex;
  AppendSha256Hex(Sha256(bytes), &hex);
  return hex;
}

TEST(Sha256, HashesSnapsPublishedExamples) {
  EXPECT_EQ(Hex("person@example.com"),
            "542d240129883c019e106e3b1b2d3f3cb3537c43c425364de8e951d5a3083345");
  EXPECT_EQ(Hex("448444124653"),
            "dc008fda46e2e64002cf2f82a4906236282d431c4f75e5b60bfe79fc48546383");
  EXPECT_EQ(Hex("john"), "96d9632f363564cc3032521409cf22a852f2032eec099ed5967c0d000cec607a");
  EXPECT_EQ(Hex("raphaël"), "e74bb89e718fe1e19c422a48382870399f8bf7ca8dfa008739e75b0be76627b7");
  EXPECT_EQ(Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, ReadsHexInEitherCase) {
  const std::string lower = Hex("a");
  std::string upper = lower;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  EXPECT_EQ(ParseSha256Hex(upper), Sha256("a"));
  EXPECT_EQ(ParseSha256Hex(lower), Sha256("a"));
}

TEST(Sha256, RefusesEverythingElse) {
  const std::string hex = Hex("a");
  EXPECT_FALSE(ParseSha256Hex("").has_value());
  EXPECT_FALSE(ParseSha256Hex(hex.substr(1)).has_value());
  EXPECT_FALSE(ParseSha256Hex(hex + "0").has_value());
  EXPECT_FALSE(LooksLikeSha256Hex("g" + hex.substr(1)));
  EXPECT_FALSE(LooksLikeSha256Hex("VC0kASmIPAGeEG47Gy0/PLNTfEPEJTZN6OlR1aMIM0U="));
}

}  // namespace
}  // namespace snapledger::event
