#include "services/bench/ledger_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/bench/processor_time.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::bench {
namespace {

using testing::HasSubstr;

class UndurableTest : public support::PostgresTest {
 protected:
  // Settings of the role or the database count like those of the server.
  std::string With(const std::string& options) {
    return url() + (url().find('?') == std::string::npos ? "?" : "&") + "options=" + options;
  }
};

// The cluster of the tests has fsync and full_page_writes off; one of the environment may not.
TEST_F(UndurableTest, RefusesADatabaseThatCommitsWithoutWaiting) {
  const absl::Status refused = CheckDurable(With("-csynchronous_commit%3Doff"));
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("synchronous_commit=off"));
}

TEST_F(UndurableTest, NamesAServerThatCannotBeReached) {
  EXPECT_EQ(CheckDurable("postgresql://nobody@127.0.0.1:1/none").code(),
            absl::StatusCode::kUnavailable);
}

TEST(LedgerDatabaseTest, RefusesAnEmptyWordForADatabase) {
  EXPECT_EQ(LedgerDatabase::Make("mysql://x").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(LedgerDatabaseTest, MakesADurableLedgerWhoseServerItKnows) {
  const support::TemporaryFolder folder;
  auto database = LedgerDatabase::Make("embedded:" + folder.path() + "/postgres");
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_TRUE(CheckDurable((*database)->url()).ok());
  ASSERT_NE((*database)->server_pid(), 0);
  EXPECT_TRUE(IsPostgres((*database)->server_pid()));
  const absl::StatusOr<int64_t> wal = (*database)->WalBytes();
  ASSERT_TRUE(wal.ok());
  EXPECT_GT(*wal, 0);
  const double seconds = FamilySeconds((*database)->server_pid());
  EXPECT_GT(seconds, 0);
  ASSERT_TRUE((*database)->Checkpoint().ok());
  EXPECT_GE(FamilySeconds((*database)->server_pid()), seconds);
  EXPECT_EQ((*database)->LotCount().value(), 0);
  EXPECT_EQ((*database)->DeliveryTimes()->p99_ms, 0);
}

}  // namespace
}  // namespace snapledger::bench
