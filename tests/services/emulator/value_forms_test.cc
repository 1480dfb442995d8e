#include "services/emulator/value_forms.h"

#include <gtest/gtest.h>

namespace snapledger::emulator {
namespace {

TEST(ValueForms, Decimals) {
  for (const char* const text : {"0", "10", "-1.5", "+2", ".5", "5.", "1e3", "1.5E-7"}) {
    EXPECT_TRUE(IsDecimal(text)) << text;
  }
  for (const char* const text :
       {"", ".", "-", "1,5", "$1", "1e", "1e+", " 1", "1 ", "0x1", "inf"}) {
    EXPECT_FALSE(IsDecimal(text)) << text;
  }
}

TEST(ValueForms, Digests) {
  EXPECT_TRUE(IsDigest(std::string(64, 'a')));
  EXPECT_TRUE(IsDigest(std::string(64, 'F')));
  EXPECT_FALSE(IsDigest(std::string(63, 'a')));
  EXPECT_FALSE(IsDigest(std::string(65, 'a')));
  EXPECT_FALSE(IsDigest(std::string(64, 'g')));
}

TEST(ValueForms, Uuids) {
  EXPECT_TRUE(IsUuid("6abc82ca-1b2c-4d5e-8f90-123456789abc"));
  EXPECT_FALSE(IsUuid("6abc82ca-1b2c-4d5e-8f90-123456789ab"));
  EXPECT_FALSE(IsUuid("6abc82ca01b2c-4d5e-8f90-123456789abc"));
}

TEST(ValueForms, Addresses) {
  for (const char* const text : {"203.0.113.7", "::1", "2001:db8::ff", "::ffff:1.2.3.4"}) {
    EXPECT_TRUE(IsIpAddress(text)) << text;
  }
  for (const char* const text : {"", "1.2.3", "1.2.3.256", "1.2.3.4:80", "localhost", "1.2.3.4 "}) {
    EXPECT_FALSE(IsIpAddress(text)) << text;
  }
  EXPECT_FALSE(IsIpAddress(absl::string_view("1.2.3.4\0x", 9)));
}

TEST(ValueForms, Urls) {
  EXPECT_TRUE(IsWebUrl("https://a.example"));
  EXPECT_TRUE(IsWebUrl("HTTP://a"));
  EXPECT_FALSE(IsWebUrl("https://"));
  EXPECT_FALSE(IsWebUrl("https://?x"));
  EXPECT_FALSE(IsWebUrl("a.example/https://b"));
}

}  // namespace
}  // namespace snapledger::emulator
