#include "storage/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/synchronization/notification.h"
#include "storage/transaction.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::snapledger::support::IsOkAndHolds;
using ::snapledger::support::StatusIs;

constexpr Statement kOwnProcess = {"test_own_process", "select pg_backend_pid()"};
constexpr Statement kEndOthers = {
    "test_end_others",
    "select count(pg_terminate_backend(pid)) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()"};

int32_t ProcessOf(Connection& connection) { return connection.Execute(kOwnProcess).Int4(0, 0); }

class PoolTest : public support::PostgresTest {
 protected:
  ConnectionPool::Options Sized(int size_max) const {
    return {{.url = url()}, size_max, absl::Milliseconds(50)};
  }

  // From a connection of its own.
  void EndAllOtherSessions() {
    ConnectionPool own(Sized(1));
    ASSERT_OK(WithConnection(
        own, [](Connection& connection) { return connection.Execute(kEndOthers).Int8(0, 0); }));
  }
};

TEST_F(PoolTest, AConnectionIsUsedAgain) {
  ConnectionPool two(Sized(2));
  ASSERT_OK_AND_ASSIGN(const int32_t first, WithConnection(two, ProcessOf));
  EXPECT_THAT(WithConnection(two, ProcessOf), IsOkAndHolds(first));
}

TEST_F(PoolTest, AConnectionThatBloatedIsClosed) {
  constexpr Statement kLength = {"test_length", "select length($1::bytea)"};
  constexpr int32_t kBytes = 3 << 20;
  ConnectionPool one(Sized(1));
  ASSERT_OK_AND_ASSIGN(const int32_t first, WithConnection(one, ProcessOf));
  EXPECT_THAT(
      WithConnection(one,
                     [&](Connection& connection) {
                       const std::string bytes(kBytes, 'x');
                       return connection.Execute(kLength, Parameters().Bytes(bytes)).Int4(0, 0);
                     }),
      IsOkAndHolds(kBytes));
  ASSERT_OK_AND_ASSIGN(const int32_t second, WithConnection(one, ProcessOf));
  EXPECT_NE(second, first);
  EXPECT_THAT(WithConnection(one, ProcessOf), IsOkAndHolds(second));
}

TEST_F(PoolTest, WhoFindsNoneFreeInTimeIsToldSo) {
  ConnectionPool one(Sized(1));
  const ConnectionPool::Lease held = one.Take();
  EXPECT_THAT(WithConnection(one, ProcessOf), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(PoolTest, WhoWaitsGetsTheOneGivenBack) {
  ConnectionPool one({{.url = url()}, 1, absl::Seconds(30)});
  absl::Notification taken;
  std::thread holder([&] {
    const ConnectionPool::Lease held = one.Take();
    taken.Notify();
  });
  taken.WaitForNotification();
  EXPECT_OK(WithConnection(one, ProcessOf));
  holder.join();
}

TEST_F(PoolTest, AConnectionLostMidStatementIsUnavailableAndThePoolRecovers) {
  ConnectionPool three(Sized(3));
  { const ConnectionPool::Lease idle_later[] = {three.Take(), three.Take()}; }
  const absl::StatusOr<bool> lost = WithConnection(three, [this](Connection& connection) {
    ProcessOf(connection);
    EndAllOtherSessions();
    ProcessOf(connection);
    return true;
  });
  EXPECT_THAT(lost, StatusIs(absl::StatusCode::kUnavailable));
  // The idle ones died with it; none of them may be given out.
  EXPECT_OK(WithConnection(three, ProcessOf));
  EXPECT_OK(WithConnection(three, ProcessOf));
}

TEST_F(PoolTest, ATransactionThatLostItsConnectionIsUnavailable) {
  ConnectionPool one(Sized(1));
  const auto lost =
      RunTransaction(one, TransactionKind::kReadWrite, [this](Connection& connection) {
        connection.ExecuteScript("create table half (id int)");
        EndAllOtherSessions();
        return true;
      });
  EXPECT_THAT(lost, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_OK(RunTransaction(one, TransactionKind::kReadWrite, [](Connection& connection) {
    connection.ExecuteScript("create table half (id int)");
    return true;
  }));
}

TEST_F(PoolTest, AConnectionLeftInsideATransactionIsNotGivenOut) {
  ConnectionPool one(Sized(1));
  int32_t first = 0;
  {
    ConnectionPool::Lease lease = one.Take();
    first = ProcessOf(*lease);
    lease->ExecuteScript("begin");
  }
  ASSERT_OK_AND_ASSIGN(const int32_t second, WithConnection(one, ProcessOf));
  EXPECT_NE(first, second);
}

TEST_F(PoolTest, AServerThatIsNotThereIsUnavailable) {
  ConnectionPool nowhere({{.url = "postgresql://nobody@%2Fnowhere/none"}, 1, absl::Seconds(1)});
  // More often than there are connections: a failed opening gives its place back.
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(WithConnection(nowhere, ProcessOf), StatusIs(absl::StatusCode::kUnavailable));
  }
}

}  // namespace
}  // namespace snapledger::storage
