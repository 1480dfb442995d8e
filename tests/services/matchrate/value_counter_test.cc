// Values counted from sealed lots on a real PostgreSQL: every event once, whoever counts.

#include "services/matchrate/value_counter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/base/text.h"
#include "services/event/sha256.h"
#include "services/matchrate/value_concentrations.h"
#include "services/snap/encode.h"
#include "storage/postgres_data_keys.h"
#include "storage/postgres_destinations.h"
#include "storage/postgres_listing.h"
#include "storage/postgres_values.h"
#include "tests/support/fake_clock.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::matchrate {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'780'012'800);  // a midnight

enum class Loss { kNone, kBefore, kAfter };

// The store as it is, but that some writes or their answers are lost, as where a process dies.
class LosingStore final : public storage::ValueStore {
 public:
  explicit LosingStore(storage::ValueStore& store) : store_(store) {}

  absl::StatusOr<std::optional<storage::ValueTurn>> TakeTurn(int32_t shard,
                                                             absl::Duration interval) override {
    return store_.TakeTurn(shard, interval);
  }
  absl::StatusOr<std::vector<storage::LotToCount>> LotsAfter(int32_t shard,
                                                             const storage::CountedPlace& counted,
                                                             absl::Time through,
                                                             int limit) override {
    return store_.LotsAfter(shard, counted, through, limit);
  }
  absl::StatusOr<storage::StoredValueSketches> Read(int32_t shard, absl::Time start,
                                                    absl::Time end) override {
    return store_.Read(shard, start, end);
  }
  absl::StatusOr<bool> Move(int32_t shard, const storage::CountedPlace& from,
                            const storage::CountedPlace& to,
                            absl::Span<const storage::ValueSketchRow> rows) override {
    if (loss == Loss::kBefore) return absl::UnavailableError("lost");
    const absl::StatusOr<bool> moved = store_.Move(shard, from, to, rows);
    if (loss == Loss::kAfter) return absl::UnavailableError("lost");
    return moved;
  }

  Loss loss = Loss::kNone;

 private:
  storage::ValueStore& store_;
};

class ValueCounterTest : public support::PostgresTest {
 protected:
  void SetUp() override {
    keys_.key_encryption_keys[1] = base::Secret(std::string(32, 'k'));
    ASSERT_OK_AND_ASSIGN(
        const storage::Destination destination,
        destinations_.Create(
            {.destination_id = "px", .kind = 1, .token_id = "t1", .sealed_token = "sealed"},
            "somebody"));
    shards_ = destination.shards;
    ASSERT_OK(directory_.Refresh());
  }

  // Records a lot of ten events, three of them with the shared email, as intake would.
  void RecordLot(int64_t lot_id, absl::Time received) {
    std::string raw;
    int json_bytes = 0;
    for (int i = 0; i < 10; ++i) {
      event::ConversionEvent event;
      event.user_data.email = {
          event::Sha256(i < 3 ? std::string("shop@example.com") : absl::StrCat(lot_id, "-", i))};
      event.custom_data.order_id = absl::StrCat(lot_id, "-", i);
      std::string json;
      snap::AppendSnapEvent(event, {}, &json);
      event::AppendFrame({.name_label = 1, .usable = 1}, json, &raw);
      json_bytes += static_cast<int>(json.size());
      if (i == 4) event::AppendEmptyFrame(&raw);  // a duplicate
    }
    ASSERT_OK_AND_ASSIGN(const std::string sealed,
                         envelope_.SealLot(raw, {.shard = shards_[0], .lot_id = lot_id}));
    const std::string key = absl::StrCat("values (", shards_[0], ",", lot_id, ",");
    const std::string time = absl::StrCat("to_timestamp(", absl::ToUnixSeconds(received), ")");
    Run(absl::StrCat(
        "insert into lot (shard, lot_id, first_position, last_position, event_count, json_bytes,"
        " state, queue, next_attempt_time, received_time, oldest_event_time, rollup) ",
        key, "0,10,10,", json_bytes, ",1,1,", time, ",", time, ",", time, ",'')"));
    Run(absl::StrCat("insert into lot_payload (shard, lot_id, payload) ", key, "'\\x",
                     absl::BytesToHexString(base::AsAbsl(sealed)), "')"));
  }

  // Every turn is due, and every transaction counts a few lots.
  static ValueCounter::Options Small() {
    return {.turn_interval = absl::ZeroDuration(),
            .lots_read_max = 3,
            .open_bytes_max = 3000,
            .move_bytes_max = 6000,
            .moves_max = 2};
  }

  ValueCounter::Dependencies With(storage::ValueStore& store) {
    return {directory_, store, listings_, envelope_, blind_index_};
  }

  v1::GetMatchRatesResponse Told() {
    v1::GetMatchRatesResponse response;
    EXPECT_OK(ValueConcentrations(store_).Fill(shards_, std::nullopt, std::nullopt, &response));
    return response;
  }

  int64_t EventsCounted() {
    const v1::GetMatchRatesResponse told = Told();
    return told.value_concentrations().empty() ? 0 : told.value_concentrations(0).events();
  }

  support::FakeClock clock_{kStart};
  security::KeyRing keys_;
  storage::PostgresDataKeyStore data_keys_{pool()};
  security::Envelope envelope_{keys_, data_keys_, clock_};
  storage::PostgresDestinationStore destinations_{pool()};
  destinations::DestinationDirectory directory_{destinations_, envelope_};
  storage::PostgresListingStore listings_{pool()};
  storage::PostgresValueStore store_{pool()};
  const base::Secret lookup_key_{std::string(32, 'l')};
  const security::BlindIndex blind_index_{lookup_key_};
  std::vector<int32_t> shards_;
};

TEST_F(ValueCounterTest, ASharedValueIsSeenOverSeveralDays) {
  for (int64_t lot = 1; lot <= 20; ++lot) RecordLot(lot, kStart + lot * absl::Hours(3));
  ValueCounter counter(With(store_), {});
  counter.RunOnce();
  const v1::GetMatchRatesResponse told = Told();
  ASSERT_EQ(told.value_concentrations_size(), 1);
  const v1::ValueConcentration& email = told.value_concentrations(0);
  EXPECT_EQ(email.kind(), v1::IDENTIFIER_KIND_EMAIL);
  EXPECT_EQ(email.events(), 200);
  EXPECT_LE(email.top_share_lower(), 0.3);
  EXPECT_GE(email.top_share_upper(), 0.3);
  EXPECT_LT(email.top_share_upper() - email.top_share_lower(), 0.02);
  EXPECT_NEAR(email.effective_values(), 200.0 * 200 / (60.0 * 60 + 140), 1);
  EXPECT_GE(email.orders_of_one_value(), 55);
  EXPECT_EQ(email.days().start_time().seconds(), absl::ToUnixSeconds(kStart));
  EXPECT_EQ(email.days().end_time().seconds(), absl::ToUnixSeconds(kStart + absl::Hours(72)));
  EXPECT_GT(email.counted_through().seconds(), absl::ToUnixSeconds(kStart + absl::Hours(60)));
  counter.RunOnce();
  EXPECT_EQ(EventsCounted(), 200);
}

TEST_F(ValueCounterTest, WhatWasJustReceivedWaits) {
  RecordLot(1, absl::Now() - absl::Seconds(30));
  ValueCounter counter(With(store_), Small());
  counter.RunOnce();
  EXPECT_EQ(EventsCounted(), 0);
  Run("update lot set received_time = received_time - interval '5 minutes'");
  // The place is behind it already: only lots that are committed in time count.
  Run("update value_progress set counted_time = counted_time - interval '1 hour'");
  counter.RunOnce();
  EXPECT_EQ(EventsCounted(), 10);
}

TEST_F(ValueCounterTest, ALotThatCannotBeReadIsLeftOut) {
  for (int64_t lot = 1; lot <= 3; ++lot) RecordLot(lot, kStart);
  Run("update lot_payload set payload = overlay(payload placing '\\x00' from 60) where lot_id = 2");
  ValueCounter(With(store_), {}).RunOnce();
  EXPECT_EQ(EventsCounted(), 20);
}

TEST_F(ValueCounterTest, ALostWriteOrAnswerCountsNothingTwice) {
  for (int64_t lot = 1; lot <= 12; ++lot) RecordLot(lot, kStart + lot * absl::Seconds(1));
  LosingStore losing(store_);
  ValueCounter counter(With(losing), Small());
  int64_t before = 0;
  for (const Loss loss : {Loss::kBefore, Loss::kAfter, Loss::kBefore, Loss::kAfter}) {
    losing.loss = loss;
    counter.RunOnce();
    if (loss == Loss::kBefore) {
      EXPECT_EQ(EventsCounted(), before);
    } else {
      EXPECT_GT(EventsCounted(), before);
    }
    before = EventsCounted();
  }
  EXPECT_LT(before, 120);
  losing.loss = Loss::kNone;
  for (int turn = 0; turn < 12; ++turn) counter.RunOnce();
  EXPECT_EQ(EventsCounted(), 120);
}

TEST_F(ValueCounterTest, TwoProcessesAtOnceCountEveryEventOnce) {
  constexpr int kLots = 60;
  for (int64_t lot = 1; lot <= kLots; ++lot) RecordLot(lot, kStart + lot * absl::Minutes(30));
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([this] {
      ValueCounter counter(With(store_), Small());
      for (int turn = 0; turn < kLots; ++turn) counter.RunOnce();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(EventsCounted(), 10 * kLots);
}

TEST_F(ValueCounterTest, AStoppedCounterWritesNothing) {
  RecordLot(1, kStart);
  ValueCounter counter(With(store_), {});
  counter.Stop();
  counter.RunOnce();
  EXPECT_EQ(EventsCounted(), 0);
}

}  // namespace
}  // namespace snapledger::matchrate
