#include "services/query/change_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/support/status_matchers.h"

namespace snapledger::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int32_t kShard = 7;
const absl::Time kBegin = absl::FromUnixSeconds(1'780'000'000);

// Facts that can be seen some time after the time they are dated with, as transactions commit.
class ScriptedStore final : public storage::ChangeStore {
 public:
  absl::Time now = kBegin;
  int reads = 0;

  void Add(absl::Time time, absl::Time seen_from) {
    storage::Uuid id{};
    const auto number = static_cast<uint32_t>(facts_.size() + 1);
    for (int i = 0; i < 4; ++i) id[12 + i] = static_cast<uint8_t>(number >> (8 * (3 - i)));
    facts_.push_back({{time, storage::ChangeKind::kTransition, id}, seen_from});
  }

  std::set<storage::ChangeKey> After(absl::Time time) const {
    std::set<storage::ChangeKey> keys;
    for (const Fact& fact : facts_) {
      if (fact.key.time > time && fact.seen_from <= now) keys.insert(fact.key);
    }
    return keys;
  }

  absl::StatusOr<absl::Time> DatabaseNow() override { return now; }
  absl::StatusOr<storage::ChangePage> ReadChanges(int32_t shard, const storage::ChangeKey& after,
                                                  int limit) override {
    EXPECT_EQ(shard, kShard);
    ++reads;
    storage::ChangePage page = {.database_now = now};
    for (const Fact& fact : facts_) {
      if (after < fact.key && fact.seen_from <= now) page.changes.push_back({.key = fact.key});
    }
    std::sort(page.changes.begin(), page.changes.end(),
              [](const auto& a, const auto& b) { return a.key < b.key; });
    if (page.changes.size() > static_cast<size_t>(limit)) page.changes.resize(limit);
    return page;
  }
  absl::StatusOr<std::vector<storage::LotRange>> EventsOf(int32_t,
                                                          const storage::ChangeRow&) override {
    return absl::UnimplementedError("not asked by a feed");
  }
  absl::StatusOr<std::vector<storage::SliceRow>> SlicesOf(int32_t,
                                                          absl::Span<const int64_t>) override {
    return absl::UnimplementedError("not asked by a feed");
  }

 private:
  struct Fact {
    storage::ChangeKey key;
    absl::Time seen_from;
  };
  std::vector<Fact> facts_;
};

class ChangeFeedTest : public ::testing::Test {
 protected:
  // Lets time pass and reads until the feed is at its end.
  std::vector<storage::ChangeKey> ReadAfter(absl::Duration time) {
    store_.now += time;
    std::vector<storage::ChangeKey> keys;
    do {
      auto changes = feed_.Read(store_.now - kBegin);
      EXPECT_OK(changes);
      for (const storage::ChangeRow& change : *changes) keys.push_back(change.key);
    } while (!feed_.at_end());
    return keys;
  }

  ScriptedStore store_;
  ChangeFeed feed_{store_, kShard, kBegin};
};

TEST_F(ChangeFeedTest, GivesAChangeOnceAndInOrder) {
  store_.Add(kBegin, kBegin);  // before the begin
  store_.Add(kBegin + absl::Seconds(2), kBegin);
  store_.Add(kBegin + absl::Seconds(1), kBegin);
  const auto keys = ReadAfter(absl::Seconds(3));
  ASSERT_THAT(keys, SizeIs(2));
  EXPECT_LT(keys[0].time, keys[1].time);
  EXPECT_THAT(ReadAfter(absl::Seconds(1)), IsEmpty());
  EXPECT_THAT(ReadAfter(ChangeFeed::kSweepInterval), IsEmpty());
}

TEST_F(ChangeFeedTest, AQuickReadingTakesWhatIsNewAndALittleLate) {
  EXPECT_THAT(ReadAfter(absl::Milliseconds(1)), IsEmpty());
  store_.Add(kBegin + absl::Seconds(5), kBegin);
  EXPECT_THAT(ReadAfter(absl::Seconds(1)), SizeIs(1));
  store_.Add(kBegin + absl::Seconds(4), kBegin);  // within the span
  EXPECT_THAT(ReadAfter(absl::Milliseconds(250)), SizeIs(1));
}

TEST_F(ChangeFeedTest, WhatCommitsLateIsFoundByTheSweep) {
  ReadAfter(absl::Milliseconds(1));
  store_.Add(kBegin + absl::Seconds(60), kBegin);
  store_.Add(kBegin + absl::Seconds(1), kBegin + absl::Seconds(100));
  EXPECT_THAT(ReadAfter(absl::Seconds(61)), SizeIs(1));
  EXPECT_THAT(ReadAfter(absl::Seconds(1)), IsEmpty());
  EXPECT_THAT(ReadAfter(absl::Seconds(50)), SizeIs(1));
}

TEST_F(ChangeFeedTest, TheFloorStaysBelowWhatMayStillCommit) {
  store_.Add(kBegin + absl::Seconds(1), kBegin);
  ReadAfter(absl::Seconds(2));
  ReadAfter(absl::Seconds(1));
  EXPECT_EQ(feed_.floor(), kBegin);
  ReadAfter(storage::kTransactionTimeMax + absl::Minutes(1));
  EXPECT_EQ(feed_.floor(), kBegin);  // what that reading gave is not with the caller yet
  const absl::Time swept = store_.now;
  ReadAfter(absl::Seconds(1));
  EXPECT_EQ(feed_.floor(), swept - storage::kTransactionTimeMax);
}

// A long way to catch up, page by page: the floor comes along.
TEST_F(ChangeFeedTest, TheFloorFollowsTheCatchingUp) {
  constexpr int kChanges = 3 * ChangeFeed::kRowsPerRead;
  for (int i = 1; i <= kChanges; ++i) store_.Add(kBegin + absl::Seconds(i), kBegin);
  store_.now = kBegin + absl::Hours(24);
  ASSERT_OK(feed_.Read(absl::ZeroDuration()));
  ASSERT_OK(feed_.Read(absl::ZeroDuration()));
  EXPECT_GE(feed_.floor(), kBegin + absl::Seconds(ChangeFeed::kRowsPerRead - 1));
  EXPECT_LE(feed_.floor(), kBegin + absl::Seconds(ChangeFeed::kRowsPerRead));
}

// More changes of one moment than a page holds.
TEST_F(ChangeFeedTest, ManyChangesOfOneMomentAreAllGiven) {
  constexpr int kChanges = 2 * ChangeFeed::kRowsPerRead + 5;
  for (int i = 0; i < kChanges; ++i) store_.Add(kBegin + absl::Seconds(1), kBegin);
  EXPECT_THAT(ReadAfter(absl::Hours(1)), SizeIs(kChanges));
  ReadAfter(absl::Seconds(1));
  EXPECT_THAT(ReadAfter(ChangeFeed::kSweepInterval), IsEmpty());
}

// Transactions of all lengths, and a watcher that is cut off again and again and begins at the
// floor it was told: together its parts were given everything, each part everything once.
TEST(ChangeFeedPropertyTest, CutAnywhereNothingIsSkipped) {
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    std::mt19937 random(seed);
    ScriptedStore store;
    const absl::Duration lasts_max = storage::kTransactionTimeMax - absl::Seconds(1);
    for (int i = 0; i < 3000; ++i) {
      const absl::Time time = kBegin + absl::Milliseconds(1 + random() % 900'000);
      const bool slow = random() % 20 == 0;
      const absl::Duration lasts =
          slow ? lasts_max * (static_cast<double>(random() % 1000) / 1000) : absl::Milliseconds(5);
      store.Add(time, time + lasts);
    }
    std::set<storage::ChangeKey> given;
    absl::Time floor = kBegin;
    while (store.now < kBegin + absl::Minutes(20)) {
      ChangeFeed feed(store, kShard, floor);
      std::set<storage::ChangeKey> given_now;
      // The floor a caller holds is the one that stood when its last changes were given.
      for (int left = 1 + static_cast<int>(random() % 400); left > 0; --left) {
        store.now += absl::Milliseconds(random() % 1000);
        auto changes = feed.Read(store.now - kBegin);
        ASSERT_OK(changes);
        floor = feed.floor();
        for (const storage::ChangeRow& change : *changes) {
          ASSERT_TRUE(given_now.insert(change.key).second) << "given twice, seed " << seed;
        }
      }
      given.insert(given_now.begin(), given_now.end());
    }
    ChangeFeed last(store, kShard, floor);
    do {
      auto changes = last.Read(store.now - kBegin);
      ASSERT_OK(changes);
      for (const storage::ChangeRow& change : *changes) given.insert(change.key);
    } while (!last.at_end());
    EXPECT_EQ(given, store.After(kBegin)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace snapledger::query
