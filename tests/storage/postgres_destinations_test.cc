// What acts on destinations leave in the audit log.

#include "storage/postgres_destinations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/postgres_audit.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::snapledger::support::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PostgresDestinationsAuditTest : public support::PostgresTest {
 protected:
  static DestinationStore::NewDestination Pixel() {
    DestinationStore::NewDestination destination;
    destination.destination_id = "pixel-1";
    destination.kind = 1;
    destination.display_name = "The shop";
    destination.settings.max_requests_per_second = 2.5;
    destination.token_id = "t1";
    destination.sealed_token = "sealed secret";
    return destination;
  }

  // "id sealed", newest first.
  static std::vector<std::string> TokensOf(const Destination& destination) {
    std::vector<std::string> texts;
    for (const DestinationToken& token : destination.tokens) {
      texts.push_back(absl::StrCat(token.token_id, " ", token.sealed));
    }
    return texts;
  }

  // Every entry since the last call, oldest first: "actor action target detail".
  std::vector<std::string> NewEntries() {
    const absl::StatusOr<AuditPage> page = store_of_log_.List({}, std::nullopt, 100);
    EXPECT_OK(page);
    std::vector<std::string> texts;
    for (auto entry = page->entries.rbegin(); entry != page->entries.rend(); ++entry) {
      if (entry->sequence <= seen_) continue;
      seen_ = entry->sequence;
      const AuditRecord& record = entry->record;
      texts.push_back(absl::StrCat(record.actor, " ", record.action, " ", record.target, " ",
                                   record.detail_json));
    }
    return texts;
  }

  PostgresDestinationStore store_{pool()};
  PostgresAuditStore store_of_log_{pool()};
  int64_t seen_ = 0;
};

TEST_F(PostgresDestinationsAuditTest, ADestinationsLife) {
  ASSERT_OK(store_.Create(Pixel(), "anna"));
  EXPECT_THAT(
      NewEntries(),
      ElementsAre(R"(anna CreateDestination pixel-1 {"kind":"PIXEL","taken_up_again":false,)"
                  R"("token_id":"t1","display_name":"The shop",)"
                  R"("settings":{"max_requests_per_second":{"from":10,"to":2.5}}})"));
  DestinationSettings settings;
  settings.test_mode = true;
  settings.test_event_code = "T1";
  settings.dedup_window = absl::Hours(24);
  settings.lane_count = 2;
  ASSERT_OK(store_.Update("pixel-1", "Shop", settings, "bert"));
  EXPECT_THAT(
      NewEntries(),
      ElementsAre(R"(bert UpdateDestination pixel-1 {"display_name":"Shop","settings":{)"
                  R"("max_requests_per_second":{"from":2.5,"to":10},)"
                  R"("dedup_window":{"from":"48h","to":"24h"},)"
                  R"("test_mode":{"from":false,"to":true},)"
                  R"("test_event_code":{"from":"","to":"T1"},"lane_count":{"from":1,"to":2}}})"));
  ASSERT_OK(store_.RotateToken("pixel-1", "t2", "another secret", true, "anna"));
  EXPECT_THAT(NewEntries(), ElementsAre(R"(anna RotateDestinationToken pixel-1 {"token_id":"t2",)"
                                        R"("added":true,"drop_others":true,"ended_hold":false})"));
  ASSERT_OK(store_.Delete("pixel-1", "anna"));
  EXPECT_THAT(NewEntries(), ElementsAre("anna DeleteDestination pixel-1 {}"));
  EXPECT_EQ(store_of_log_.Verify()->first_broken_sequence, 0);
}

TEST_F(PostgresDestinationsAuditTest, PausesAndHolds) {
  ASSERT_OK(store_.Create(Pixel(), "anna"));
  (void)NewEntries();
  ASSERT_OK(store_.Pause("pixel-1", PauseKind::kHeld, "token refused", "dispatcher"));
  // Another request of the same moment, refused too.
  ASSERT_OK(store_.Pause("pixel-1", PauseKind::kHeld, "forbidden", "dispatcher"));
  ASSERT_OK(store_.Resume("pixel-1", PauseKind::kHeld, "dispatcher"));
  EXPECT_THAT(NewEntries(),
              ElementsAre(R"(dispatcher HoldDestination pixel-1 {"reason":"token refused"})",
                          R"(dispatcher ResumeDestination pixel-1 {"ended_hold":true})"));
  ASSERT_OK(store_.Pause("pixel-1", PauseKind::kOperator, "fair", "anna"));
  ASSERT_OK(store_.Pause("pixel-1", PauseKind::kOperator, "", "anna"));
  ASSERT_OK(store_.Pause("pixel-1", PauseKind::kOperator, "sale", "bert"));
  ASSERT_OK(store_.Pause("pixel-1", PauseKind::kHeld, "token refused", "dispatcher"));
  ASSERT_OK(store_.Resume("pixel-1", PauseKind::kHeld, "dispatcher"));
  ASSERT_OK(store_.Resume("pixel-1", PauseKind::kNone, "anna"));
  ASSERT_OK(store_.Resume("pixel-1", PauseKind::kNone, "anna"));
  EXPECT_THAT(NewEntries(), ElementsAre(R"(anna PauseDestination pixel-1 {"reason":"fair"})",
                                        R"(bert PauseDestination pixel-1 {"reason":"sale"})",
                                        R"(anna ResumeDestination pixel-1 {"ended_hold":false})"));
}

TEST_F(PostgresDestinationsAuditTest, ARotationThatEndsAHoldSaysSo) {
  ASSERT_OK(store_.Create(Pixel(), "anna"));
  ASSERT_OK(store_.Pause("pixel-1", PauseKind::kHeld, "token refused", "dispatcher"));
  (void)NewEntries();
  ASSERT_OK(store_.RotateToken("pixel-1", "t2", "another secret", false, "anna"));
  EXPECT_THAT(NewEntries(), ElementsAre(R"(anna RotateDestinationToken pixel-1 {"token_id":"t2",)"
                                        R"("added":true,"drop_others":false,"ended_hold":true})"));
}

TEST_F(PostgresDestinationsAuditTest, ARotationThatIsRepeatedChangesAndLeavesNothing) {
  ASSERT_OK(store_.Create(Pixel(), "anna"));
  ASSERT_OK(store_.RotateToken("pixel-1", "t2", "another secret", false, "anna"));
  (void)NewEntries();
  for (const char* const live : {"t2", "t1"}) {
    ASSERT_OK_AND_ASSIGN(const Destination same,
                         store_.RotateToken("pixel-1", live, "sealed anew", false, "anna"));
    EXPECT_THAT(TokensOf(same), ElementsAre("t2 another secret", "t1 sealed secret"));
  }
  EXPECT_THAT(NewEntries(), IsEmpty());
}

TEST_F(PostgresDestinationsAuditTest, ALiveTokenGivenAgainDropsTheOthersOnce) {
  ASSERT_OK(store_.Create(Pixel(), "anna"));
  ASSERT_OK(store_.RotateToken("pixel-1", "t2", "another secret", false, "anna"));
  (void)NewEntries();
  for (int time = 0; time < 2; ++time) {
    ASSERT_OK_AND_ASSIGN(const Destination left,
                         store_.RotateToken("pixel-1", "t1", "sealed anew", true, "anna"));
    EXPECT_THAT(TokensOf(left), ElementsAre("t1 sealed secret"));
  }
  EXPECT_THAT(NewEntries(), ElementsAre(R"(anna RotateDestinationToken pixel-1 {"token_id":"t1",)"
                                        R"("added":false,"drop_others":true,"ended_hold":false})"));
}

TEST_F(PostgresDestinationsAuditTest, ALiveTokenGivenAgainEndsAHold) {
  ASSERT_OK(store_.Create(Pixel(), "anna"));
  ASSERT_OK(store_.Pause("pixel-1", PauseKind::kHeld, "token refused", "dispatcher"));
  (void)NewEntries();
  ASSERT_OK_AND_ASSIGN(const Destination going,
                       store_.RotateToken("pixel-1", "t1", "sealed anew", false, "anna"));
  EXPECT_EQ(going.pause_kind, PauseKind::kNone);
  EXPECT_THAT(NewEntries(), ElementsAre(R"(anna RotateDestinationToken pixel-1 {"token_id":"t1",)"
                                        R"("added":false,"drop_others":false,"ended_hold":true})"));
}

TEST_F(PostgresDestinationsAuditTest, WhatFailsLeavesNothing) {
  EXPECT_THAT(store_.Delete("pixel-1", "anna"), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK(store_.Create(Pixel(), "anna"));
  (void)NewEntries();
  EXPECT_THAT(store_.Create(Pixel(), "anna"), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(store_.Update("other", "", {}, "anna"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(NewEntries(), IsEmpty());
}

}  // namespace
}  // namespace snapledger::storage
