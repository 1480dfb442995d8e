#include "storage/postgres_observations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "storage/postgres_audit.h"
#include "storage/postgres_destinations.h"
#include "storage/random_uuid.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class ObservationStoreTest : public support::PostgresTest {
 protected:
  int32_t MakeDestination(const std::string& id) {
    PostgresDestinationStore destinations(pool());
    absl::StatusOr<Destination> destination = destinations.Create(
        {.destination_id = id, .kind = 1, .token_id = "t1", .sealed_token = "sealed"}, "somebody");
    EXPECT_OK(destination);
    return destination->number;
  }

  static MatchObservationRow Some(char evidence) {
    return {.observation_id = RandomUuid(),
            .window_start = absl::FromUnixSeconds(1'790'000'000),
            .window_end = absl::FromUnixSeconds(1'790'086'400),
            .event_name = "PURCHASE",
            .source = "shop",
            .kinds = 9,
            .matched = 612,
            .total = 1000,
            .evidence = "an export",
            .evidence_sha256 = std::string(32, evidence),
            .evidence_key = std::string(32, evidence),
            .recorded_by = "somebody"};
  }

  PostgresObservationStore store_{pool()};
};

TEST_F(ObservationStoreTest, GivesBackWhatWasKept) {
  const int32_t destination = MakeDestination("pixel-1");
  const MatchObservationRow row = Some('a');
  ASSERT_OK_AND_ASSIGN(const ObservationStore::Kept kept,
                       store_.Insert(destination, "pixel-1", row));
  EXPECT_FALSE(kept.existed);
  EXPECT_EQ(kept.observation_id, row.observation_id);
  ASSERT_OK_AND_ASSIGN(const std::vector<MatchObservationRow> rows,
                       store_.List(destination, std::nullopt, 10));
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].observation_id, row.observation_id);
  EXPECT_EQ(rows[0].window_start, row.window_start);
  EXPECT_EQ(rows[0].window_end, row.window_end);
  EXPECT_EQ(rows[0].event_name, "PURCHASE");
  EXPECT_EQ(rows[0].source, "shop");
  EXPECT_EQ(rows[0].kinds, 9);
  EXPECT_EQ(rows[0].matched, 612);
  EXPECT_EQ(rows[0].total, 1000);
  EXPECT_EQ(rows[0].evidence, "an export");
  EXPECT_EQ(rows[0].evidence_sha256, row.evidence_sha256);
  EXPECT_EQ(rows[0].evidence_key, row.evidence_key);
  EXPECT_EQ(rows[0].recorded_by, "somebody");
  EXPECT_EQ(rows[0].record_time, kept.record_time);
}

TEST_F(ObservationStoreTest, WhatIsKeptIsOnRecordWithWhoRecordedItOnce) {
  const int32_t destination = MakeDestination("pixel-1");
  MatchObservationRow row = Some('a');
  ASSERT_OK_AND_ASSIGN(const ObservationStore::Kept kept,
                       store_.Insert(destination, "pixel-1", row));
  row.observation_id = RandomUuid();
  ASSERT_OK_AND_ASSIGN(const ObservationStore::Kept again,
                       store_.Insert(destination, "pixel-1", row));
  EXPECT_TRUE(again.existed);
  row = Some('b');
  row.matched = row.total + 1;
  EXPECT_FALSE(store_.Insert(destination, "pixel-1", row).ok());

  PostgresAuditStore audit(pool());
  ASSERT_OK_AND_ASSIGN(const AuditPage page,
                       audit.List({.action = "RecordMatchObservation"}, std::nullopt, 10));
  ASSERT_THAT(page.entries, SizeIs(1));
  EXPECT_EQ(page.entries[0].record.actor, "somebody");
  EXPECT_EQ(page.entries[0].record.target, "pixel-1");
  EXPECT_EQ(page.entries[0].time, kept.record_time);
  EXPECT_THAT(page.entries[0].record.detail_json,
              AllOf(HasSubstr("\"observation_id\""), HasSubstr("\"matched\":612"),
                    HasSubstr("\"total\":1000"), Not(HasSubstr("an export"))));
}

TEST_F(ObservationStoreTest, TheSameEvidenceForTheSameScopeIsKeptOnce) {
  const int32_t destination = MakeDestination("pixel-1");
  const MatchObservationRow row = Some('a');
  ASSERT_OK_AND_ASSIGN(const ObservationStore::Kept first,
                       store_.Insert(destination, "pixel-1", row));
  MatchObservationRow again = row;
  again.observation_id = RandomUuid();
  again.matched = 1;
  ASSERT_OK_AND_ASSIGN(const ObservationStore::Kept second,
                       store_.Insert(destination, "pixel-1", again));
  EXPECT_TRUE(second.existed);
  EXPECT_EQ(second.observation_id, row.observation_id);
  EXPECT_EQ(second.record_time, first.record_time);

  const std::vector<std::function<void(MatchObservationRow&)>> changes = {
      [](MatchObservationRow& other) { other.evidence_key = std::string(32, 'b'); },
      [](MatchObservationRow& other) { other.window_start -= absl::Seconds(1); },
      [](MatchObservationRow& other) { other.window_end += absl::Seconds(1); },
      [](MatchObservationRow& other) { other.event_name = "SAVE"; },
      [](MatchObservationRow& other) { other.source = ""; },
      [](MatchObservationRow& other) { other.kinds = 0; }};
  for (const auto& change : changes) {
    MatchObservationRow other = row;
    other.observation_id = RandomUuid();
    change(other);
    ASSERT_OK_AND_ASSIGN(const ObservationStore::Kept kept,
                         store_.Insert(destination, "pixel-1", other));
    EXPECT_FALSE(kept.existed);
  }
  ASSERT_OK_AND_ASSIGN(const ObservationStore::Kept elsewhere,
                       store_.Insert(MakeDestination("pixel-2"), "pixel-2", row));
  EXPECT_FALSE(elsewhere.existed);
}

TEST_F(ObservationStoreTest, ListsNewestFirstAndGoesOnWhereItEnded) {
  const int32_t destination = MakeDestination("pixel-1");
  for (char evidence = 'a'; evidence < 'f'; ++evidence) {
    ASSERT_OK(store_.Insert(destination, "pixel-1", Some(evidence)));
  }
  // Some of the same moment: the id decides.
  Run("update match_observation set record_time = '2026-01-01' where evidence_key < 'c'");
  ASSERT_OK_AND_ASSIGN(const std::vector<MatchObservationRow> all,
                       store_.List(destination, std::nullopt, 10));
  ASSERT_THAT(all, SizeIs(5));
  std::optional<ObservationPlace> before;
  for (size_t i = 0; i < all.size(); ++i) {
    ASSERT_OK_AND_ASSIGN(const std::vector<MatchObservationRow> one,
                         store_.List(destination, before, 1));
    ASSERT_THAT(one, SizeIs(1));
    EXPECT_EQ(one[0].observation_id, all[i].observation_id);
    const ObservationPlace place{one[0].record_time, one[0].observation_id};
    EXPECT_TRUE(!before || place < *before);
    before = place;
  }
  ASSERT_OK_AND_ASSIGN(const std::vector<MatchObservationRow> none,
                       store_.List(destination, before, 1));
  EXPECT_THAT(none, IsEmpty());
}

TEST_F(ObservationStoreTest, TheDatabaseRefusesMoreMatchesThanEvents) {
  MatchObservationRow row = Some('a');
  row.matched = row.total + 1;
  EXPECT_FALSE(store_.Insert(MakeDestination("pixel-1"), "pixel-1", row).ok());
}

}  // namespace
}  // namespace snapledger::storage
