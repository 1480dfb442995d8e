#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/postgres_destinations.h"
#include "storage/transaction.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::snapledger::support::StatusIs;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Statement kCountShards = {"test_count_shards",
                                    "select count(*) filter (where paused), count(*),"
                                    " count(*) filter (where shut_until > now()) from shard"};

constexpr Statement kCountProgress = {"test_count_progress",
                                      "select count(*) from counter_progress"};

struct ShardCounts {
  int64_t paused = 0;
  int64_t all = 0;
  int64_t shut = 0;
};

class DestinationStoreTest : public support::PostgresTest {
 protected:
  static DestinationStore::NewDestination Pixel(const std::string& id, int lane_count = 1) {
    DestinationStore::NewDestination destination;
    destination.destination_id = id;
    destination.kind = 1;
    destination.display_name = "The shop";
    destination.settings.lane_count = lane_count;
    destination.token_id = "t1";
    destination.sealed_token = std::string("sealed\0bytes", 12);
    return destination;
  }

  static std::vector<std::string> TokenIds(const Destination& destination) {
    std::vector<std::string> ids;
    for (const DestinationToken& token : destination.tokens) ids.push_back(token.token_id);
    return ids;
  }

  ShardCounts Shards() {
    return *WithConnection(pool(), [](Connection& connection) {
      const Result rows = connection.Execute(kCountShards);
      return ShardCounts{rows.Int8(0, 0), rows.Int8(0, 1), rows.Int8(0, 2)};
    });
  }

  PostgresDestinationStore store_{pool()};
};

TEST_F(DestinationStoreTest, CreateMakesTokenShardsAndTheirCounters) {
  ASSERT_OK_AND_ASSIGN(const Destination made, store_.Create(Pixel("pixel-1", 3), "somebody"));
  EXPECT_EQ(made.destination_id, "pixel-1");
  EXPECT_EQ(made.kind, 1);
  EXPECT_THAT(made.shards, SizeIs(3));
  ASSERT_THAT(made.tokens, SizeIs(1));
  EXPECT_EQ(made.tokens[0].token_id, "t1");
  EXPECT_EQ(made.tokens[0].sealed, std::string("sealed\0bytes", 12));
  EXPECT_EQ(made.pause_kind, PauseKind::kNone);
  EXPECT_EQ(Shards().all, 3);
  EXPECT_OK(WithConnection(pool(), [](Connection& connection) {
    EXPECT_EQ(connection.Execute(kCountProgress).Int8(0, 0), 3);
    return true;
  }));
}

TEST_F(DestinationStoreTest, SettingsComeBackAsTheyWereGiven) {
  DestinationStore::NewDestination wanted = Pixel("pixel-1");
  wanted.settings.max_requests_per_second = 2.5;
  wanted.settings.max_events_per_request = 7;
  wanted.settings.max_in_flight_requests = 8;
  wanted.settings.default_phone_region = "CH";
  wanted.settings.max_age_web = absl::Hours(1);
  wanted.settings.max_age_mobile_app = absl::Hours(2);
  wanted.settings.max_age_offline = absl::Hours(3);
  wanted.settings.dedup_window = absl::Hours(4);
  wanted.settings.purchase_dedup_window = absl::Hours(5);
  wanted.settings.limited_data_literal = "X";
  wanted.settings.unspecified_consent = 2;
  wanted.settings.test_mode = true;
  wanted.settings.test_event_code = "code";
  wanted.settings.request_timeout = absl::Milliseconds(1500);
  wanted.settings.gzip_requests = true;
  ASSERT_OK(store_.Create(wanted, "somebody"));
  ASSERT_OK_AND_ASSIGN(const Destination got, store_.Get("pixel-1"));
  const DestinationSettings& settings = got.settings;
  EXPECT_EQ(settings.max_requests_per_second, 2.5);
  EXPECT_EQ(settings.max_events_per_request, 7);
  EXPECT_EQ(settings.max_in_flight_requests, 8);
  EXPECT_EQ(settings.default_phone_region, "CH");
  EXPECT_EQ(settings.max_age_web, absl::Hours(1));
  EXPECT_EQ(settings.max_age_mobile_app, absl::Hours(2));
  EXPECT_EQ(settings.max_age_offline, absl::Hours(3));
  EXPECT_EQ(settings.dedup_window, absl::Hours(4));
  EXPECT_EQ(settings.purchase_dedup_window, absl::Hours(5));
  EXPECT_EQ(settings.limited_data_literal, "X");
  EXPECT_EQ(settings.unspecified_consent, 2);
  EXPECT_TRUE(settings.test_mode);
  EXPECT_EQ(settings.test_event_code, "code");
  EXPECT_EQ(settings.request_timeout, absl::Milliseconds(1500));
  EXPECT_TRUE(settings.gzip_requests);
  EXPECT_EQ(settings.lane_count, 1);
}

TEST_F(DestinationStoreTest, TheSameIdTwiceIsRefusedAndLeavesNothing) {
  ASSERT_OK(store_.Create(Pixel("pixel-1"), "somebody"));
  EXPECT_THAT(store_.Create(Pixel("pixel-1", 4), "somebody"),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("pixel-1")));
  EXPECT_EQ(Shards().all, 1);
}

TEST_F(DestinationStoreTest, UnknownIdsAreNotFound) {
  EXPECT_THAT(store_.Get("none"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store_.Update("none", "", {}, "somebody"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store_.Pause("none", PauseKind::kHeld, "", "somebody"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store_.Resume("none", PauseKind::kNone, "somebody"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DestinationStoreTest, ListsByIdInPages) {
  for (const char* id : {"c", "a", "b"}) ASSERT_OK(store_.Create(Pixel(id, 2), "somebody"));
  ASSERT_OK_AND_ASSIGN(const std::vector<Destination> first, store_.List("", 2));
  EXPECT_THAT(first, ElementsAre(Field(&Destination::destination_id, "a"),
                                 Field(&Destination::destination_id, "b")));
  EXPECT_THAT(first[0].shards, SizeIs(2));
  EXPECT_THAT(first[1].tokens, SizeIs(1));
  ASSERT_OK_AND_ASSIGN(const std::vector<Destination> rest, store_.List("b", 2));
  EXPECT_THAT(rest, ElementsAre(Field(&Destination::destination_id, "c")));
}

TEST_F(DestinationStoreTest, UpdateReplacesSettingsAndKeepsLanesItDoesNotName) {
  ASSERT_OK(store_.Create(Pixel("pixel-1", 2), "somebody"));
  DestinationSettings settings;
  settings.lane_count = 0;
  settings.max_requests_per_second = 99;
  ASSERT_OK_AND_ASSIGN(const Destination updated,
                       store_.Update("pixel-1", "New name", settings, "somebody"));
  EXPECT_EQ(updated.display_name, "New name");
  EXPECT_EQ(updated.settings.max_requests_per_second, 99);
  EXPECT_EQ(updated.settings.lane_count, 2);
  EXPECT_THAT(updated.former_lane_counts, IsEmpty());
}

TEST_F(DestinationStoreTest, AChangeOfLanesMakesShardsAndRemembersTheCountBefore) {
  ASSERT_OK_AND_ASSIGN(const Destination one, store_.Create(Pixel("pixel-1", 1), "somebody"));
  ASSERT_OK(store_.Pause("pixel-1", PauseKind::kOperator, "maintenance", "somebody"));
  Run("update shard set shut_until = now() + interval '1 hour'");
  DestinationSettings settings;
  settings.lane_count = 4;
  ASSERT_OK_AND_ASSIGN(const Destination four, store_.Update("pixel-1", "", settings, "somebody"));
  ASSERT_THAT(four.shards, SizeIs(4));
  EXPECT_EQ(four.shards[0], one.shards[0]);
  EXPECT_THAT(four.former_lane_counts, ElementsAre(Field(&FormerLaneCount::lane_count, 1)));
  EXPECT_GT(four.lane_epoch, one.lane_epoch);
  // A pause and a Retry-After hold for the new ones too.
  EXPECT_EQ(Shards().paused, 4);
  EXPECT_EQ(Shards().shut, 4);

  settings.lane_count = 2;
  ASSERT_OK_AND_ASSIGN(const Destination two, store_.Update("pixel-1", "", settings, "somebody"));
  EXPECT_EQ(two.settings.lane_count, 2);
  EXPECT_EQ(two.shards, four.shards);
  EXPECT_THAT(two.former_lane_counts, ElementsAre(Field(&FormerLaneCount::lane_count, 4),
                                                  Field(&FormerLaneCount::lane_count, 1)));
  EXPECT_THAT(two.former_lane_counts, Each(Field(&FormerLaneCount::identity_holds, true)));
  Run("update former_lane_count set until_time = now() - interval '99 days' where lane_count = 1");
  ASSERT_OK_AND_ASSIGN(const Destination later, store_.Get("pixel-1"));
  EXPECT_FALSE(later.former_lane_counts[1].identity_holds);
}

TEST_F(DestinationStoreTest, TwoTokensLiveAtMost) {
  ASSERT_OK(store_.Create(Pixel("pixel-1"), "somebody"));
  ASSERT_OK_AND_ASSIGN(Destination rotated,
                       store_.RotateToken("pixel-1", "t2", "two", false, "somebody"));
  EXPECT_THAT(TokenIds(rotated), ElementsAre("t2", "t1"));
  ASSERT_OK_AND_ASSIGN(rotated, store_.RotateToken("pixel-1", "t3", "three", false, "somebody"));
  EXPECT_THAT(TokenIds(rotated), ElementsAre("t3", "t2"));
  ASSERT_OK_AND_ASSIGN(rotated, store_.RotateToken("pixel-1", "t4", "four", true, "somebody"));
  EXPECT_THAT(TokenIds(rotated), ElementsAre("t4"));
  EXPECT_EQ(rotated.tokens[0].sealed, "four");
}

TEST_F(DestinationStoreTest, ANewTokenEndsAHoldButNoOperatorsPause) {
  ASSERT_OK(store_.Create(Pixel("pixel-1"), "somebody"));
  ASSERT_OK(store_.Pause("pixel-1", PauseKind::kHeld, "token refused", "somebody"));
  ASSERT_OK_AND_ASSIGN(Destination rotated,
                       store_.RotateToken("pixel-1", "t2", "x", false, "somebody"));
  EXPECT_EQ(rotated.pause_kind, PauseKind::kNone);
  EXPECT_EQ(Shards().paused, 0);
  ASSERT_OK(store_.Pause("pixel-1", PauseKind::kOperator, "maintenance", "somebody"));
  ASSERT_OK_AND_ASSIGN(rotated, store_.RotateToken("pixel-1", "t3", "x", false, "somebody"));
  EXPECT_EQ(rotated.pause_kind, PauseKind::kOperator);
}

TEST_F(DestinationStoreTest, PausingAgainWithoutAReasonKeepsTheOneThereIs) {
  ASSERT_OK(store_.Create(Pixel("pixel-1"), "somebody"));
  ASSERT_OK(store_.Pause("pixel-1", PauseKind::kOperator, "maintenance", "somebody"));
  ASSERT_OK_AND_ASSIGN(Destination paused,
                       store_.Pause("pixel-1", PauseKind::kOperator, "", "somebody"));
  EXPECT_EQ(paused.paused_reason, "maintenance");
  ASSERT_OK_AND_ASSIGN(paused, store_.Pause("pixel-1", PauseKind::kOperator, "sale", "somebody"));
  EXPECT_EQ(paused.paused_reason, "sale");
  ASSERT_OK(store_.Resume("pixel-1", PauseKind::kNone, "somebody"));
  ASSERT_OK_AND_ASSIGN(paused, store_.Pause("pixel-1", PauseKind::kOperator, "", "somebody"));
  EXPECT_EQ(paused.paused_reason, "");
}

TEST_F(DestinationStoreTest, ADeletedDestinationIsGoneAndComesBackAsItWas) {
  ASSERT_OK_AND_ASSIGN(const Destination made, store_.Create(Pixel("pixel-1", 2), "somebody"));
  ASSERT_OK(store_.Pause("pixel-1", PauseKind::kOperator, "maintenance", "somebody"));
  ASSERT_OK_AND_ASSIGN(const DestinationStore::OpenEvents open,
                       store_.Delete("pixel-1", "somebody"));
  EXPECT_TRUE(open.none());
  EXPECT_THAT(store_.Get("pixel-1"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store_.Delete("pixel-1", "somebody"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store_.Update("pixel-1", "", {}, "somebody"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store_.RotateToken("pixel-1", "t", "x", false, "somebody"),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK_AND_ASSIGN(const std::vector<Destination> all, store_.List("", 10));
  EXPECT_THAT(all, IsEmpty());

  DestinationStore::NewDestination again = Pixel("pixel-1", 3);
  again.kind = 2;
  EXPECT_THAT(store_.Create(again, "somebody"), StatusIs(absl::StatusCode::kInvalidArgument));
  again.kind = 1;
  again.token_id = "t2";
  ASSERT_OK_AND_ASSIGN(const Destination revived, store_.Create(again, "somebody"));
  EXPECT_EQ(revived.number, made.number);
  EXPECT_EQ(revived.shards[1], made.shards[1]);
  EXPECT_THAT(revived.shards, SizeIs(3));
  EXPECT_THAT(TokenIds(revived), ElementsAre("t2"));
  EXPECT_EQ(revived.pause_kind, PauseKind::kNone);
  EXPECT_EQ(Shards().paused, 0);
  EXPECT_GT(revived.lane_epoch, made.lane_epoch);
  EXPECT_THAT(store_.Create(again, "somebody"), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(DestinationStoreTest, APauseReachesTheShardsAndResumeEndsItButNoRetryAfter) {
  ASSERT_OK(store_.Create(Pixel("pixel-1", 2), "somebody"));
  ASSERT_OK_AND_ASSIGN(const Destination paused,
                       store_.Pause("pixel-1", PauseKind::kHeld, "token refused", "somebody"));
  EXPECT_EQ(paused.pause_kind, PauseKind::kHeld);
  EXPECT_EQ(paused.paused_reason, "token refused");
  EXPECT_EQ(Shards().paused, 2);

  Run("update shard set shut_until = now() + interval '1 hour'");
  ASSERT_OK_AND_ASSIGN(const Destination resumed,
                       store_.Resume("pixel-1", PauseKind::kNone, "somebody"));
  EXPECT_EQ(resumed.pause_kind, PauseKind::kNone);
  EXPECT_EQ(resumed.paused_reason, "");
  EXPECT_EQ(Shards().paused, 0);
  EXPECT_EQ(Shards().shut, 2);
}

TEST_F(DestinationStoreTest, AProbesResumeLeavesAnOperatorsPause) {
  ASSERT_OK(store_.Create(Pixel("pixel-1"), "somebody"));
  ASSERT_OK(store_.Pause("pixel-1", PauseKind::kOperator, "maintenance", "somebody"));
  ASSERT_OK_AND_ASSIGN(const Destination still,
                       store_.Resume("pixel-1", PauseKind::kHeld, "somebody"));
  EXPECT_EQ(still.pause_kind, PauseKind::kOperator);
  EXPECT_EQ(Shards().paused, 1);
}

TEST_F(DestinationStoreTest, ResumeOfWhatIsNotPausedKeepsARetryAfter) {
  ASSERT_OK(store_.Create(Pixel("pixel-1"), "somebody"));
  Run("update shard set shut_until = now() + interval '1 hour'");
  ASSERT_OK(store_.Resume("pixel-1", PauseKind::kNone, "somebody"));
  EXPECT_EQ(Shards().shut, 1);
}

TEST_F(DestinationStoreTest, AHoldNeverReplacesAnOperatorsPause) {
  ASSERT_OK(store_.Create(Pixel("pixel-1"), "somebody"));
  ASSERT_OK(store_.Pause("pixel-1", PauseKind::kOperator, "maintenance", "somebody"));
  ASSERT_OK_AND_ASSIGN(const Destination still,
                       store_.Pause("pixel-1", PauseKind::kHeld, "token refused", "somebody"));
  EXPECT_EQ(still.pause_kind, PauseKind::kOperator);
  EXPECT_EQ(still.paused_reason, "maintenance");
  ASSERT_OK(store_.Resume("pixel-1", PauseKind::kNone, "somebody"));
  ASSERT_OK(store_.Pause("pixel-1", PauseKind::kHeld, "token refused", "somebody"));
  ASSERT_OK_AND_ASSIGN(const Destination taken,
                       store_.Pause("pixel-1", PauseKind::kOperator, "mine", "somebody"));
  EXPECT_EQ(taken.pause_kind, PauseKind::kOperator);
}

TEST_F(DestinationStoreTest, ATokensUseIsNoted) {
  ASSERT_OK_AND_ASSIGN(const Destination made, store_.Create(Pixel("pixel-1"), "somebody"));
  EXPECT_FALSE(made.tokens[0].last_success_time.has_value());
  ASSERT_OK(store_.RecordTokenUse(made.number, "t1", true));
  ASSERT_OK_AND_ASSIGN(Destination got, store_.Get("pixel-1"));
  EXPECT_TRUE(got.tokens[0].last_success_time.has_value());
  EXPECT_FALSE(got.tokens[0].last_failure_time.has_value());
  ASSERT_OK(store_.RecordTokenUse(made.number, "t1", false));
  ASSERT_OK_AND_ASSIGN(got, store_.Get("pixel-1"));
  EXPECT_TRUE(got.tokens[0].last_failure_time.has_value());
  EXPECT_THAT(store_.RecordTokenUse(made.number, "t2", true),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace snapledger::storage
