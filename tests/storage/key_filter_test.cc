#include "storage/key_filter.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "storage/appended_keys.h"
#include "storage/filter_memory.h"

namespace snapledger::storage {
namespace {

constexpr int kKeys = 100'000;

std::vector<Uuid> RandomKeys(uint64_t seed, int count) {
  std::mt19937_64 random(seed);
  std::vector<Uuid> keys(static_cast<size_t>(count));
  for (Uuid& key : keys) {
    for (uint8_t& byte : key) byte = static_cast<uint8_t>(random());
  }
  return keys;
}

KeyFilter FilterOf(int32_t shard, const std::vector<Uuid>& keys) {
  KeyFilter filter(static_cast<int64_t>(keys.size()));
  for (const Uuid& key : keys) filter.Add(KeyFilter::HashOf(shard, key));
  return filter;
}

int HeldCount(const KeyFilter& filter, int32_t shard, const std::vector<Uuid>& keys) {
  int held = 0;
  for (const Uuid& key : keys) held += filter.MayHold(KeyFilter::HashOf(shard, key)) ? 1 : 0;
  return held;
}

std::optional<KeyFilter> Read(const std::string& bytes) {
  std::shared_ptr<std::byte> place = FilterMemory::Make(size_t{1} << 20)->Take(bytes.size());
  std::memcpy(place.get(), bytes.data(), bytes.size());
  return KeyFilter::FromBytes(std::move(place), bytes.size());
}

TEST(KeyFilterTest, HoldsEveryKeyAndFewOthers) {
  const std::vector<Uuid> keys = RandomKeys(1, kKeys);
  const KeyFilter filter = FilterOf(7, keys);
  EXPECT_EQ(HeldCount(filter, 7, keys), kKeys);
  EXPECT_LT(HeldCount(filter, 7, RandomKeys(2, kKeys)), kKeys / 4000);
  EXPECT_LE(filter.byte_count(), size_t{kKeys} * 22 / 8 + 64);
}

TEST(KeyFilterTest, AKeyOfAnotherShardIsAnother) {
  const std::vector<Uuid> keys = RandomKeys(3, kKeys);
  EXPECT_LT(HeldCount(FilterOf(7, keys), 8, keys), kKeys / 4000);
}

TEST(KeyFilterTest, KeysThatDifferInOneByteAreTold) {
  std::vector<Uuid> keys(256);
  for (int i = 0; i < 128; ++i) keys[i][15] = static_cast<uint8_t>(i);
  for (int i = 128; i < 256; ++i) keys[i][0] = static_cast<uint8_t>(i);
  const KeyFilter filter = FilterOf(1, {keys.begin(), keys.begin() + 64});
  EXPECT_LT(HeldCount(filter, 1, {keys.begin() + 64, keys.end()}), 8);
}

TEST(KeyFilterTest, SurvivesItsBytes) {
  const std::vector<Uuid> keys = RandomKeys(4, 1000);
  const std::string bytes(FilterOf(1, keys).bytes());
  const std::optional<KeyFilter> read = Read(bytes);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(HeldCount(*read, 1, keys), 1000);
  EXPECT_EQ(read->bytes(), bytes);
}

// As were it made with that room at once.
TEST(KeyFilterTest, ASmallerOneHoldsTheSame) {
  const std::vector<Uuid> keys = RandomKeys(6, kKeys / 100);
  const auto filter_of = [&keys](int64_t room) {
    KeyFilter filter(room);
    for (const Uuid& key : keys) filter.Add(KeyFilter::HashOf(3, key));
    return filter;
  };
  const KeyFilter large = filter_of(AppendedKeys::kKeysRoom);
  // Of 45,360 blocks 1,008 are 45 of each, 43 of which are needed for 1000 keys.
  EXPECT_EQ(large.WithRoomFor(1000).byte_count(), 45 * 64U);
  EXPECT_EQ(large.WithRoomFor(1000).bytes(), filter_of(1030).bytes());
  EXPECT_EQ(large.WithRoomFor(AppendedKeys::kKeysRoom / 3 - 100).bytes(),
            filter_of(AppendedKeys::kKeysRoom / 3 - 10).bytes());
}

TEST(KeyFilterTest, ASmallerOneIsNeverTooSmallNorOverTwiceWhatItNeeds) {
  const KeyFilter large(AppendedKeys::kKeysRoom);
  for (int64_t room = 1; room < AppendedKeys::kKeysRoom; room += 1 + room / 7) {
    const size_t needed = KeyFilter(room).byte_count();
    const size_t given = large.WithRoomFor(room).byte_count();
    EXPECT_GE(given, needed) << room;
    EXPECT_LT(given, 2 * needed) << room;
    if (room <= AppendedKeys::kKeysRoom / 2) {
      EXPECT_LE(2 * given, 3 * needed) << room;
    }
  }
  EXPECT_EQ(large.WithRoomFor(2 * AppendedKeys::kKeysRoom).byte_count(), large.byte_count());
}

TEST(KeyFilterTest, OtherBytesAreNoFilter) {
  EXPECT_FALSE(Read("").has_value());
  EXPECT_FALSE(Read(std::string(63, 'x')).has_value());
  EXPECT_FALSE(Read(std::string(65, 'x')).has_value());
}

// Filters are stored: what another version of the program made must be read alike.
TEST(KeyFilterTest, TheFormIsKept) {
  KeyFilter filter(100);
  Uuid key{};
  for (uint8_t i = 0; i < 16; ++i) key[i] = i;
  filter.Add(KeyFilter::HashOf(5, key));
  std::string set;
  const std::string_view bytes = filter.bytes();
  for (size_t i = 0; i < bytes.size() * 8; ++i) {
    if ((static_cast<uint8_t>(bytes[i / 8]) >> (i % 8) & 1) != 0) set += std::to_string(i) + " ";
  }
  EXPECT_EQ(set, "1537 1689 1775 1806 1871 1927 1997 ");
}

TEST(KeyFilterTest, AnEmptyFilterHoldsNothing) {
  EXPECT_EQ(HeldCount(KeyFilter(0), 1, RandomKeys(5, 1000)), 0);
}

}  // namespace
}  // namespace snapledger::storage
