#include "storage/filter_memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

namespace snapledger::storage {
namespace {

constexpr size_t kMebibyte = size_t{1} << 20;

// Resident bytes of this process.
size_t Resident() {
  std::ifstream statm("/proc/self/statm");
  size_t all = 0, resident = 0;
  statm >> all >> resident;
  return resident * 4096;
}

TEST(FilterMemoryTest, AStepIsInMemoryAtOnceAndFiltersAddNothing) {
  const size_t before = Resident();
  const auto memory = FilterMemory::Make(2 * FilterMemory::kStepBytes);
  const size_t made = Resident();
  EXPECT_GE(made - before, FilterMemory::kStepBytes);
  std::vector<std::shared_ptr<std::byte>> filters;
  for (int i = 0; i < 30; ++i) {
    filters.push_back(memory->Take(2 * kMebibyte));
    ASSERT_NE(filters.back(), nullptr);
    std::memset(filters.back().get(), i, 2 * kMebibyte);
  }
  EXPECT_LT(Resident() - made, 4 * kMebibyte);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(filters[i].get()[2 * kMebibyte - 1], std::byte(i));
}

TEST(FilterMemoryTest, WhatIsGivenBackIsTakenAgainWholeWhateverTheOrder) {
  const auto memory = FilterMemory::Make(kMebibyte);
  for (const bool forwards : {true, false}) {
    std::vector<std::shared_ptr<std::byte>> parts;
    for (int i = 0; i < 16; ++i) parts.push_back(memory->Take(kMebibyte / 16));
    EXPECT_NE(parts.back(), nullptr);
    EXPECT_EQ(memory->Take(1), nullptr);
    while (!parts.empty()) parts.erase(forwards ? parts.begin() : parts.end() - 1);
    EXPECT_NE(memory->Take(kMebibyte), nullptr);
  }
}

TEST(FilterMemoryTest, TakesFurtherStepsUpToItsBound) {
  const auto memory = FilterMemory::Make(FilterMemory::kStepBytes + kMebibyte);
  const auto first = memory->Take(FilterMemory::kStepBytes);
  const auto second = memory->Take(kMebibyte);
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(memory->Take(1), nullptr);
}

TEST(FilterMemoryTest, AFilterLargerThanAStepHasOneOfItsOwn) {
  const auto memory = FilterMemory::Make(4 * FilterMemory::kStepBytes);
  EXPECT_NE(memory->Take(2 * FilterMemory::kStepBytes), nullptr);
  EXPECT_EQ(memory->Take(4 * FilterMemory::kStepBytes), nullptr);
}

TEST(FilterMemoryTest, PlacesAreCacheLines) {
  const auto memory = FilterMemory::Make(kMebibyte);
  const auto odd = memory->Take(65);
  const auto next = memory->Take(1);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(odd.get()) % 64, 0U);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(next.get()) % 64, 0U);
}

TEST(FilterMemoryTest, WithoutRoomThereIsNone) {
  EXPECT_EQ(FilterMemory::Make(0)->Take(1), nullptr);
}

TEST(FilterMemoryTest, OutlivesWhoMadeIt) {
  std::shared_ptr<std::byte> place = FilterMemory::Make(kMebibyte)->Take(64);
  std::memset(place.get(), 1, 64);
  place.reset();
}

}  // namespace
}  // namespace snapledger::storage
