#include "storage/migrator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "storage/transaction.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::snapledger::support::IsOk;
using ::snapledger::support::StatusIs;
using ::snapledger::support::TestDatabase;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr Migration kFirst = {1, "0001_first.sql", "create table first (id int primary key)"};
constexpr Migration kSecond = {2, "0002_second.sql", "create table second (id int primary key)"};
constexpr Migration kTwo[] = {kFirst, kSecond};

class MigratorTest : public ::testing::Test {
 protected:
  Migrator WithSteps(absl::Span<const Migration> steps) const {
    return Migrator(database_->url(), steps);
  }

  const std::unique_ptr<TestDatabase> database_ = TestDatabase::Create(TestDatabase::Schema::kNone);
};

TEST_F(MigratorTest, AnEmptyDatabaseIsAtVersionZero) {
  ASSERT_OK_AND_ASSIGN(const MigrationStatus status, WithSteps(kTwo).Status());
  EXPECT_EQ(status.database_version, 0);
  EXPECT_EQ(status.program_version, 2);
  EXPECT_FALSE(status.up_to_date());
  ASSERT_EQ(status.steps.size(), 2U);
  EXPECT_FALSE(status.steps[0].applied_time.has_value());
}

TEST_F(MigratorTest, AppliesWhatIsMissingAndNothingTwice) {
  ASSERT_OK_AND_ASSIGN(MigrationStatus status, WithSteps(absl::MakeSpan(kTwo, 1)).Migrate());
  EXPECT_EQ(status.database_version, 1);
  ASSERT_OK_AND_ASSIGN(status, WithSteps(kTwo).Migrate());
  EXPECT_TRUE(status.up_to_date());
  EXPECT_TRUE(status.steps[1].applied_time.has_value());
  ASSERT_OK(WithSteps(kTwo).Migrate());
}

TEST_F(MigratorTest, TheEmbeddedMigrationsApply) {
  ASSERT_OK_AND_ASSIGN(const MigrationStatus status, Migrator(database_->url()).Migrate());
  EXPECT_TRUE(status.up_to_date());
  EXPECT_EQ(status.steps[0].name, "0001_create_ledger.sql");
}

TEST_F(MigratorTest, AFailedStepLeavesNothingAndKeepsTheOnesBefore) {
  constexpr Migration kBroken[] = {
      kFirst, {2, "0002_broken.sql", "create table half (id int); select nonsense"}};
  EXPECT_THAT(WithSteps(kBroken).Migrate(),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("0002_broken.sql")));
  ASSERT_OK_AND_ASSIGN(const MigrationStatus status, WithSteps(kTwo).Status());
  EXPECT_EQ(status.database_version, 1);
  ConnectionPool pool({.connection = {.url = database_->url()}});
  EXPECT_OK(WithConnection(pool, [](Connection& connection) {
    connection.ExecuteScript("create table half (id int)");
    return true;
  }));
}

TEST_F(MigratorTest, AChangedStepIsRefusedByName) {
  ASSERT_OK(WithSteps(kTwo).Migrate());
  constexpr Migration kChanged[] = {
      kFirst, {2, "0002_second.sql", "create table second (id bigint primary key)"}};
  const auto refusal =
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("0002_second.sql"));
  EXPECT_THAT(WithSteps(kChanged).Migrate(), refusal);
  EXPECT_THAT(WithSteps(kChanged).Status(), refusal);
}

TEST_F(MigratorTest, ANewerDatabaseIsShownButNotMigrated) {
  ASSERT_OK(WithSteps(kTwo).Migrate());
  const Migrator older = WithSteps(absl::MakeSpan(kTwo, 1));
  ASSERT_OK_AND_ASSIGN(const MigrationStatus status, older.Status());
  EXPECT_TRUE(status.database_is_newer());
  EXPECT_EQ(status.steps.back().name, "0002_second.sql");
  EXPECT_THAT(older.Migrate(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                        AllOf(HasSubstr("0002_second.sql"), HasSubstr("newer"))));
}

TEST_F(MigratorTest, OfManyAtOnceEachStepRunsOnce) {
  // Each has the bootstrap of schema and bookkeeping to race for as well.
  std::vector<absl::Status> results(8);
  std::vector<std::thread> threads;
  for (absl::Status& result : results) {
    threads.emplace_back([this, &result] { result = WithSteps(kTwo).Migrate().status(); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& result : results) EXPECT_OK(result);
}

TEST(MigratorReachTest, SaysWhyTheDatabaseCannotBeReached) {
  EXPECT_THAT(Migrator("postgresql://nobody@%2Fnowhere/snapledger").Migrate(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/nowhere/")));
}

}  // namespace
}  // namespace snapledger::storage
