#include "storage/postgres_quality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/transaction.h"
#include "tests/support/destination_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::snapledger::support::IsOkAndHolds;
using ::testing::SizeIs;

constexpr Statement kAnswers = {"test_answers", "select count(*) from quality_answer"};
constexpr Statement kScores = {"test_scores", "select count(*) from quality_score"};
constexpr Statement kRawAnswers = {"test_raw_answers",
                                   "select count(*) from quality_answer where answer = '<html>'"};

class QualityStoreTest : public support::DestinationTest {
 protected:
  static QualityAnswer Good(const std::string& score) {
    return {.http_status = 200,
            .answer = "{\"score\":\"" + score + "\"}",
            .parser_version = 1,
            .understood = true,
            .scores = {{"PURCHASE", "API", score, "P0", "PII", "send phones"},
                       {"SAVE", "SDK", "BAD", "P1", "", ""}}};
  }

  static QualityAnswer Bad(const std::string& answer) {
    return {.http_status = 200, .answer = answer, .error = "not understood", .parser_version = 1};
  }

  QualityStanding Standing() {
    absl::StatusOr<QualityStanding> standing = store_.Standing(destination_number_);
    EXPECT_OK(standing);
    return *std::move(standing);
  }

  int64_t Count(const Statement& statement) {
    absl::StatusOr<int64_t> count = WithConnection(
        pool(), [&](Connection& connection) { return connection.Execute(statement).Int8(0, 0); });
    EXPECT_OK(count);
    return count.value_or(-1);
  }

  PostgresQualityStore store_{pool()};
};

TEST_F(QualityStoreTest, OneTurnAnInterval) {
  EXPECT_THAT(store_.TakeTurn(destination_number_, absl::Minutes(30)), IsOkAndHolds(true));
  EXPECT_THAT(store_.TakeTurn(destination_number_, absl::Minutes(30)), IsOkAndHolds(false));
  Run("update quality_turn set next_time = now()");
  EXPECT_THAT(store_.TakeTurn(destination_number_, absl::Minutes(30)), IsOkAndHolds(true));
  EXPECT_THAT(store_.TakeTurn(destination_number_, absl::Minutes(30)), IsOkAndHolds(false));
}

TEST_F(QualityStoreTest, TheLatestUnderstoodAnswerStands) {
  EXPECT_FALSE(Standing().fetched_time.has_value());
  EXPECT_FALSE(Standing().failing_since.has_value());
  ASSERT_OK(store_.Add(destination_number_, Good("OKAY")));
  ASSERT_OK(store_.Add(destination_number_, Good("GOOD")));
  const QualityStanding standing = Standing();
  ASSERT_THAT(standing.scores, SizeIs(2));
  EXPECT_EQ(standing.scores[0].event_name, "PURCHASE");
  EXPECT_EQ(standing.scores[0].event_source, "API");
  EXPECT_EQ(standing.scores[0].score, "GOOD");
  EXPECT_EQ(standing.scores[0].title, "send phones");
  EXPECT_FALSE(standing.failing_since.has_value());
}

TEST_F(QualityStoreTest, ARepeatedAnswerTakesNoRoom) {
  ASSERT_OK(store_.Add(destination_number_, Good("OKAY")));
  const absl::Time before = *Standing().fetched_time;
  ASSERT_OK(store_.Add(destination_number_, Good("OKAY")));
  EXPECT_GT(*Standing().fetched_time, before);
  EXPECT_EQ(Count(kAnswers), 1);
  EXPECT_EQ(Count(kScores), 2);
}

TEST_F(QualityStoreTest, WhatIsNotUnderstoodIsKeptAndTheOldScoresStay) {
  ASSERT_OK(store_.Add(destination_number_, Good("OKAY")));
  const absl::Time good = *Standing().fetched_time;
  ASSERT_OK(store_.Add(destination_number_, Bad("<html>")));
  const absl::Time since = *Standing().failing_since;
  ASSERT_OK(store_.Add(destination_number_, Bad("<xml>")));
  const QualityStanding standing = Standing();
  EXPECT_EQ(standing.fetched_time, good);
  EXPECT_THAT(standing.scores, SizeIs(2));
  EXPECT_EQ(standing.failing_since, since);
  EXPECT_EQ(standing.error, "not understood");
  EXPECT_EQ(Count(kRawAnswers), 1);
  ASSERT_OK(store_.Add(destination_number_, Good("BAD")));
  EXPECT_FALSE(Standing().failing_since.has_value());
}

TEST_F(QualityStoreTest, ForgetsWhatIsOlderThanAYear) {
  ASSERT_OK(store_.Add(destination_number_, Bad("<html>")));
  Run("update quality_answer set first_fetched_time = now() - interval '400 days',"
      "  last_fetched_time = now() - interval '400 days'");
  ASSERT_OK(store_.Add(destination_number_, Good("OKAY")));
  EXPECT_EQ(Count(kAnswers), 1);
}

}  // namespace
}  // namespace snapledger::storage
