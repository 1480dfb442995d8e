#include "services/matchrate/order_set.h"

#include <gtest/gtest.h>

#include "services/matchrate/random_stream.h"

namespace snapledger::matchrate {
namespace {

OrderSet SetOf(uint64_t stream, int count) {
  RandomStream random(1, stream);
  OrderSet set;
  for (int i = 0; i < count; ++i) set.Add(static_cast<uint32_t>(random.NextBits()));
  return set;
}

std::string BytesOf(const OrderSet& set) {
  std::string bytes;
  set.AppendTo(&bytes);
  return bytes;
}

TEST(OrderSetTest, FewAreCountedExactlyAndOnce) {
  OrderSet set = SetOf(1, 63);
  set.Merge(SetOf(1, 40));
  EXPECT_TRUE(set.exact());
  EXPECT_EQ(set.Count(), 63);
}

TEST(OrderSetTest, ManyAreEstimatedWithTheStatedError) {
  constexpr int kSets = 200, kOrders = 5000;
  double squares = 0;
  for (int i = 0; i < kSets; ++i) {
    const OrderSet set = SetOf(static_cast<uint64_t>(i), kOrders);
    EXPECT_FALSE(set.exact());
    const double error = static_cast<double>(set.Count()) / kOrders - 1;
    squares += error * error / kSets;
  }
  EXPECT_GT(squares, 0.09 * 0.09);
  EXPECT_LT(squares, 0.16 * 0.16);
}

TEST(OrderSetTest, MergedSetsAreTheSetOfBoth) {
  OrderSet both = SetOf(3, 1000);
  both.Merge(SetOf(4, 1000));
  OrderSet other_way = SetOf(4, 1000);
  other_way.Merge(SetOf(3, 1000));
  EXPECT_EQ(BytesOf(both), BytesOf(other_way));
}

TEST(OrderSetTest, BytesComeBackAndDamagedOnesAreRefused) {
  const std::string bytes = BytesOf(SetOf(5, 30));
  std::string_view rest = bytes;
  OrderSet read;
  ASSERT_TRUE(read.TakeFrom(&rest));
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(read.Count(), 30);
  EXPECT_EQ(BytesOf(read), bytes);
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::string_view cut(bytes.data(), size);
    EXPECT_FALSE(read.TakeFrom(&cut)) << size;
  }
  std::string_view twice("\x02\x05\x00", 3);
  EXPECT_FALSE(read.TakeFrom(&twice));
  std::string_view too_many = "\x41";
  EXPECT_FALSE(read.TakeFrom(&too_many));
}

}  // namespace
}  // namespace snapledger::matchrate
