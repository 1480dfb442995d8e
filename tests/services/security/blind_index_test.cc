#include "services/security/blind_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

namespace snapledger::security {
namespace {

using event::IdentifierKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string CountingBytes() {
  std::string bytes;
  for (int i = 0; i < 32; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

event::Sha256Digest DigestOf(uint8_t byte) {
  event::Sha256Digest digest{};
  digest.fill(byte);
  return digest;
}

std::string TextOf(const event::Sha256Digest& digest) { return {digest.begin(), digest.end()}; }

// Computed apart: the first 8 bytes of HMAC-SHA-256, little-endian, over the domain and the value.
TEST(BlindIndexTest, GivesKnownValues) {
  const base::Secret key(CountingBytes());
  const BlindIndex index(key);
  EXPECT_EQ(index.OrderId("order-1"), -2094120083869925865);
  EXPECT_EQ(index.Identifier(IdentifierKind::kEmail, CountingBytes()), -273235166372848142);
  EXPECT_EQ(index.Identifier(IdentifierKind::kClickId, "click"), 9095448216550033520);
}

TEST(BlindIndexTest, SeparatesKindsAndKeys) {
  const base::Secret key(std::string(32, 'a'));
  const base::Secret other_key(std::string(32, 'b'));
  const BlindIndex index(key);
  const BlindIndex other(other_key);
  std::set<int64_t> values;
  for (const BlindIndex* each : {&index, &other, &index, &other}) {
    values.insert(each->OrderId("x"));
    values.insert(each->Identifier(IdentifierKind::kEmail, "x"));
    values.insert(each->Identifier(IdentifierKind::kPhone, "x"));
    values.insert(each->CountedOrder("x"));
    values.insert(each->Content('x'));
    values.insert(each->CountedValue(IdentifierKind::kEmail, "x"));
    values.insert(each->CountedValue(IdentifierKind::kPhone, "x"));
  }
  EXPECT_EQ(values.size(), 14);
}

TEST(BlindIndexTest, FindsAnEventByAllThatNamesIt) {
  const base::Secret key(CountingBytes());
  const BlindIndex index(key);
  event::ConversionEvent event;
  event.custom_data.order_id = "order-1";
  event.user_data.email = {DigestOf(1), DigestOf(2)};
  event.user_data.phone = {DigestOf(3)};
  event.user_data.external_id = {DigestOf(4)};
  event.user_data.mobile_ad_id = "ad";
  event.user_data.click_id = "click";
  event.user_data.cookie1 = "cookie";
  event.user_data.first_name = {DigestOf(5)};
  std::vector<int64_t> keys;
  index.AppendKeys(event, &keys);
  EXPECT_THAT(keys, ElementsAre(index.OrderId("order-1"),
                                index.Identifier(IdentifierKind::kEmail, TextOf(DigestOf(1))),
                                index.Identifier(IdentifierKind::kEmail, TextOf(DigestOf(2))),
                                index.Identifier(IdentifierKind::kPhone, TextOf(DigestOf(3))),
                                index.Identifier(IdentifierKind::kExternalId, TextOf(DigestOf(4))),
                                index.Identifier(IdentifierKind::kMobileAdId, "ad"),
                                index.Identifier(IdentifierKind::kClickId, "click"),
                                index.Identifier(IdentifierKind::kCookie1, "cookie")));
}

TEST(BlindIndexTest, AnAnonymousEventHasNoKeys) {
  const base::Secret key(CountingBytes());
  std::vector<int64_t> keys;
  BlindIndex(key).AppendKeys(event::ConversionEvent(), &keys);
  EXPECT_THAT(keys, IsEmpty());
}

TEST(BlindIndexTest, ServesManyThreads) {
  const base::Secret key(CountingBytes());
  const BlindIndex index(key);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&index] {
      for (int j = 0; j < 1000; ++j) EXPECT_EQ(index.OrderId("order-1"), -2094120083869925865);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace snapledger::security
