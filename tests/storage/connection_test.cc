#include "storage/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "storage/sql_error.h"
#include "storage/transaction.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::snapledger::support::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Property;
using ::testing::Throws;

constexpr Statement kScalars = {
    "test_scalars",
    "select $1::bool, $2::int2, $3::int4, $4::int8, $5::float8, $6::text, $7::bytea, $8::uuid,"
    " $9::timestamptz, $10::timestamptz + $11::interval, $12::timestamptz, $13::uuid"};
constexpr Statement kArrays = {
    "test_arrays",
    "select $1::int2[], $2::int4[], $3::int8[], $4::uuid[], $5::uuid[],"
    " array_length($6::timestamptz[], 1), ($7::bytea[])[2], ($8::text[])[1], $9::int4[]"};
constexpr Statement kInsert = {"test_insert", "insert into things values ($1)"};
constexpr Statement kCount = {"test_count", "select count(*) from things"};
constexpr Statement kSleep = {"test_sleep", "select pg_sleep(10)"};
constexpr Statement kUnknownTable = {"test_unknown_table", "select id from no_such_table"};

constexpr Uuid kUuid = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255};

auto ThrowsSqlState(const std::string& sqlstate) {
  return Throws<SqlError>(Property(&SqlError::sqlstate, sqlstate));
}

constexpr Statement kFindGrown = {"test_find_grown", "select id from grown where id = $1"};
constexpr Statement kExplainGrown = {"test_explain_grown", "explain execute test_find_grown(1)"};

using GenericPlansTest = support::PostgresTest;

// With prepared statements, and as through a proxy that pools by transaction.
class ConnectionTest : public support::PostgresTest, public ::testing::WithParamInterface<bool> {
 protected:
  ConnectionTest() { connection_.ExecuteScript("create table things (id int primary key)"); }

  ConnectionOptions Options() const { return {.url = url(), .prepared_statements = GetParam()}; }

  int64_t Count() { return connection_.Execute(kCount).Int8(0, 0); }

  Connection connection_{Options()};
};

INSTANTIATE_TEST_SUITE_P(, ConnectionTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Prepared" : "Unprepared"; });

TEST_P(ConnectionTest, ScalarsComeBackAsTheyWent) {
  const absl::Time time = absl::FromUnixMicros(1'790'000'000'123'456);
  const Result row = connection_.Execute(kScalars, Parameters()
                                                       .Bool(true)
                                                       .Int2(-2)
                                                       .Int4(-70'000)
                                                       .Int8(-5'000'000'000)
                                                       .Float8(-0.25)
                                                       .Text("Grüße")
                                                       .Bytes(std::string("\0\xff", 2))
                                                       .UuidValue(kUuid)
                                                       .Time(time)
                                                       .Time(time)
                                                       .Interval(absl::Microseconds(-7))
                                                       .OptionalTime(std::nullopt)
                                                       .OptionalUuid(std::nullopt));
  ASSERT_EQ(row.row_count(), 1);
  EXPECT_TRUE(row.Bool(0, 0));
  EXPECT_EQ(row.Int2(0, 1), -2);
  EXPECT_EQ(row.Int4(0, 2), -70'000);
  EXPECT_EQ(row.Int8(0, 3), -5'000'000'000);
  EXPECT_EQ(row.Float8(0, 4), -0.25);
  EXPECT_EQ(row.Text(0, 5), "Grüße");
  EXPECT_EQ(row.Bytes(0, 6), std::string("\0\xff", 2));
  EXPECT_EQ(row.UuidValue(0, 7), kUuid);
  EXPECT_EQ(row.Time(0, 8), time);
  EXPECT_EQ(row.Time(0, 9), time - absl::Microseconds(7));
  EXPECT_EQ(row.OptionalTime(0, 10), std::nullopt);
  EXPECT_EQ(row.OptionalUuid(0, 11), std::nullopt);
}

TEST_P(ConnectionTest, ArraysComeBackAsTheyWent) {
  const Uuid zero{};
  const Result row = connection_.Execute(kArrays, Parameters()
                                                      .Int2Array({1, -2})
                                                      .Int4Array({3})
                                                      .Int8Array({4, 5, 6})
                                                      .UuidArray({kUuid, zero})
                                                      .OptionalUuidArray({std::nullopt, kUuid})
                                                      .TimeArray({absl::UnixEpoch()})
                                                      .BytesArray({"", std::string("\0b", 2)})
                                                      .TextArray({"text"})
                                                      .Int4Array({}));
  EXPECT_THAT(row.Int2Array(0, 0), ElementsAre(1, -2));
  EXPECT_THAT(row.Int4Array(0, 1), ElementsAre(3));
  EXPECT_THAT(row.Int8Array(0, 2), ElementsAre(4, 5, 6));
  EXPECT_THAT(row.UuidArray(0, 3), ElementsAre(kUuid, zero));
  EXPECT_THAT(row.UuidArray(0, 4), ElementsAre(zero, kUuid));
  EXPECT_EQ(row.Int4(0, 5), 1);
  EXPECT_EQ(row.Bytes(0, 6), std::string("\0b", 2));
  EXPECT_EQ(row.Text(0, 7), "text");
  EXPECT_THAT(row.Int4Array(0, 8), IsEmpty());
}

TEST_P(ConnectionTest, BothEndsOfTimeKeepTheirMeaning) {
  constexpr Statement kEnds = {"test_ends",
                               "select 'infinity'::timestamptz, '-infinity'::timestamptz,"
                               " $1 = 'infinity'::timestamptz, $2 = '-infinity'::timestamptz"};
  const Result row = connection_.Execute(
      kEnds, Parameters().Time(absl::InfiniteFuture()).Time(absl::InfinitePast()));
  EXPECT_EQ(row.Time(0, 0), absl::InfiniteFuture());
  EXPECT_EQ(row.Time(0, 1), absl::InfinitePast());
  EXPECT_TRUE(row.Bool(0, 2));
  EXPECT_TRUE(row.Bool(0, 3));
}

TEST_P(ConnectionTest, AskingForAnotherTypeThrows) {
  const Result row = connection_.Execute(kCount);
  EXPECT_THAT([&] { row.Int4(0, 0); }, ThrowsSqlState("XX000"));
  EXPECT_THAT([&] { row.Int8(1, 0); }, ThrowsSqlState("XX000"));
  EXPECT_THAT([&] { row.Int8(0, 9); }, ThrowsSqlState("XX000"));
}

TEST_P(ConnectionTest, APipelineIsOneTransaction) {
  const std::vector<Result> results = connection_.ExecutePipeline(
      {{&kInsert, Parameters().Int4(1)}, {&kInsert, Parameters().Int4(2)}, {&kCount, {}}});
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].affected_rows(), 1);
  EXPECT_EQ(results[2].Int8(0, 0), 2);

  EXPECT_THAT(
      [&] {
        connection_.ExecutePipeline({{&kInsert, Parameters().Int4(3)},
                                     {&kInsert, Parameters().Int4(1)},
                                     {&kInsert, Parameters().Int4(4)}});
      },
      ThrowsSqlState("23505"));
  EXPECT_FALSE(connection_.broken());
  EXPECT_EQ(Count(), 2);
}

TEST_P(ConnectionTest, AStatementThatFailsLeavesTheConnectionUsable) {
  EXPECT_THAT([&] { connection_.Execute(kUnknownTable); }, ThrowsSqlState("42P01"));
  EXPECT_FALSE(connection_.broken());
  EXPECT_EQ(Count(), 0);
}

TEST_P(ConnectionTest, AnErrorRepeatsNoValue) {
  connection_.Execute(kInsert, Parameters().Int4(4711));
  try {
    connection_.Execute(kInsert, Parameters().Int4(4711));
    FAIL() << "the key is there already";
  } catch (const SqlError& error) {
    EXPECT_THAT(error.what(), ::testing::Not(::testing::HasSubstr("4711")));
  }
}

TEST_P(ConnectionTest, AStatementThatTakesTooLongIsEnded) {
  connection_.ExecuteScript("set statement_timeout = 50");
  EXPECT_THAT([&] { connection_.Execute(kSleep); }, ThrowsSqlState("57014"));
}

TEST_P(ConnectionTest, TheSessionHasItsLimits) {
  constexpr Statement kSettings = {
      "test_settings",
      "select current_setting('search_path'), current_setting('statement_timeout'),"
      " current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout'),"
      " current_setting('TimeZone')"};
  const Result row = connection_.Execute(kSettings);
  EXPECT_EQ(row.Text(0, 0), "snapledger");
  EXPECT_EQ(row.Text(0, 1), "15s");
  EXPECT_EQ(row.Text(0, 2), "5s");
  EXPECT_EQ(row.Text(0, 3), "15s");
  EXPECT_EQ(row.Text(0, 4), "UTC");
}

// Of all sessions of the database of `connection` from the next one on.
void SetForDatabase(Connection& connection, const std::string& setting) {
  connection.ExecuteScript("do $$ begin execute format('alter database %I set " + setting +
                           "', current_database()); end $$");
}

TEST_P(ConnectionTest, WhatIsAcknowledgedIsDurableWhateverTheDatabaseSays) {
  constexpr Statement kCommits = {"test_commits", "select current_setting('synchronous_commit')"};
  for (const auto& [set, kept] :
       std::map<std::string, std::string>{{"off", "on"}, {"remote_apply", "remote_apply"}}) {
    SetForDatabase(connection_, "synchronous_commit = " + set);
    Connection next(Options());
    EXPECT_EQ(next.Execute(kCommits).Text(0, 0), kept);
  }
}

TEST_P(ConnectionTest, AConnectionThatTakesNoWritesIsNotKept) {
  SetForDatabase(connection_, "default_transaction_read_only = on");
  EXPECT_FALSE(connection_.broken());
  EXPECT_TRUE(Connection(Options()).broken());
}

class TransactionTest : public support::PostgresTest {};

TEST_F(TransactionTest, CodesOfTheDatabaseBecomeOurs) {
  Run("create table things (id int primary key)");
  const auto code_of = [this](const char* script) {
    return WithConnection(pool(),
                          [&](Connection& connection) {
                            connection.ExecuteScript(script);
                            return true;
                          })
        .status()
        .code();
  };
  EXPECT_EQ(code_of("insert into things values (1), (1)"), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(code_of("select * from no_such_table"), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code_of("set statement_timeout = 50; select pg_sleep(10)"),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(code_of("select 1 / 0"), absl::StatusCode::kInternal);
}

TEST_F(TransactionTest, ASerializationFailureIsRunAgain) {
  int runs = 0;
  const absl::StatusOr<int> result =
      RunTransaction(pool(), TransactionKind::kReadWrite, [&](Connection& connection) {
        if (++runs < 3) {
          connection.ExecuteScript("do $$ begin raise sqlstate '40001'; end $$");
        }
        return runs;
      });
  EXPECT_THAT(result, support::IsOkAndHolds(3));
}

TEST_F(TransactionTest, AStatusErrorEndsItWithoutEffect) {
  const auto result =
      RunTransaction(pool(), TransactionKind::kReadWrite, [](Connection& connection) -> bool {
        connection.ExecuteScript("create table things (id int primary key)");
        throw StatusError(absl::NotFoundError("none"));
      });
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kNotFound));
  Run("create table things (id int primary key)");
}

TEST_F(TransactionTest, ASnapshotChangesNothing) {
  EXPECT_THAT(RunTransaction(pool(), TransactionKind::kSnapshot,
                             [](Connection& connection) {
                               connection.ExecuteScript("create table things (id int)");
                               return true;
                             }),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(GenericPlansTest, APlanForAnEmptyTableIsRenewedOnceItIsOld) {
  Connection connection(
      {.url = url(), .generic_plans = true, .plans_age_max = absl::ZeroDuration()});
  connection.ExecuteScript(
      "create table grown (id int primary key) with (autovacuum_enabled = off);"
      " insert into grown values (0); analyze grown");
  const auto plan = [&connection] {
    connection.Execute(kFindGrown, Parameters().Int4(1));
    return connection.Execute(kExplainGrown).Text(0, 0);
  };
  EXPECT_THAT(plan(), HasSubstr("Seq Scan"));
  connection.ExecuteScript("insert into grown select generate_series(1, 100000)");
  EXPECT_THAT(plan(), HasSubstr("Seq Scan"));
  connection.RenewPlans();
  EXPECT_THAT(plan(), HasSubstr("Index"));
}

}  // namespace
}  // namespace snapledger::storage
