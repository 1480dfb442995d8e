#include "services/matchrate/varint.h"

#include <gtest/gtest.h>

#include <limits>

namespace snapledger::matchrate {
namespace {

TEST(VarintTest, NumbersComeBackOneAfterTheOther) {
  constexpr uint64_t kNumbers[] = {0, 1, 127, 128, 300, std::numeric_limits<uint64_t>::max()};
  std::string bytes;
  for (const uint64_t number : kNumbers) AppendVarint(number, &bytes);
  EXPECT_EQ(bytes.size(), 3 + 2 + 2 + 10);
  std::string_view rest = bytes;
  for (const uint64_t number : kNumbers) EXPECT_EQ(TakeVarint(&rest), number);
  EXPECT_TRUE(rest.empty());
}

TEST(VarintTest, WhatEndsTooEarlyOrIsTooLargeIsNone) {
  std::string_view cut = "\xFF";
  EXPECT_EQ(TakeVarint(&cut), std::nullopt);
  std::string_view large = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02";
  EXPECT_EQ(TakeVarint(&large), std::nullopt);
}

}  // namespace
}  // namespace snapledger::matchrate
