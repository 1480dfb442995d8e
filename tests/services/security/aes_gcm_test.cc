#include "services/security/aes_gcm.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "tests/support/status_matchers.h"

namespace snapledger::security {
namespace {

using support::StatusIs;

std::string Encrypt(std::string_view key, std::string_view nonce, std::string_view associated_data,
                    std::string_view plaintext) {
  std::string out(plaintext.size() + kTagBytes, '\0');
  EXPECT_OK(AesGcmEncrypt(key, nonce, associated_data, plaintext, out.data()));
  return out;
}

// The AES-256 test cases of the GCM specification (McGrew and Viega), numbers 13, 14 and 16.
TEST(AesGcmTest, GivesTheSpecificationsValues) {
  const std::string zero_key(kAesKeyBytes, '\0');
  const std::string zero_nonce(kNonceBytes, '\0');
  EXPECT_EQ(absl::BytesToHexString(Encrypt(zero_key, zero_nonce, "", "")),
            "530f8afbc74536b9a963b4f1c4cb738b");
  EXPECT_EQ(absl::BytesToHexString(Encrypt(zero_key, zero_nonce, "", std::string(16, '\0'))),
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
  EXPECT_EQ(
      absl::BytesToHexString(Encrypt(
          absl::HexStringToBytes(
              "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
          absl::HexStringToBytes("cafebabefacedbaddecaf888"),
          absl::HexStringToBytes("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
          absl::HexStringToBytes(
              "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf"
              "0e2449a6b525b16aedf5aa0de657ba637b39"))),
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b105682"
      "8"
      "838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
}

TEST(AesGcmTest, WipesWhatDoesNotOpen) {
  const std::string key(kAesKeyBytes, 'k');
  const std::string nonce(kNonceBytes, 'n');
  std::string sealed = Encrypt(key, nonce, "place", "secret");
  std::string out(6, 'x');
  ASSERT_OK(AesGcmDecrypt(key, nonce, "place", sealed, out.data()));
  EXPECT_EQ(out, "secret");
  EXPECT_THAT(AesGcmDecrypt(key, nonce, "elsewhere", sealed, out.data()),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(out, std::string(6, '\0'));
  EXPECT_THAT(AesGcmDecrypt(key, nonce, "place", sealed.substr(0, 15), out.data()),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace snapledger::security
