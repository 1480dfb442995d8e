#include "storage/identity_groups.h"

#include "storage/postgres_deliveries.h"
#include "storage/postgres_listing.h"
#include "tests/storage/identity_filters_fixture.h"

namespace snapledger::storage {
namespace {

using ::snapledger::support::StatusIs;
using ::testing::SizeIs;

TEST(GroupOfTest, PartitionsAreCountedFromOneAndGroupsFromZero) {
  EXPECT_EQ(GroupOf(1), 0);
  EXPECT_EQ(GroupOf(kPartitionsPerGroup), 0);
  EXPECT_EQ(GroupOf(kPartitionsPerGroup + 1), 1);
}

// Five groups: event 1 in the first, 2 in the last partition of the third, 3 in the newest.
class IdentityGroupsTest : public IdentityFiltersTest {
 protected:
  void SetUp() override {
    IdentityFiltersTest::SetUp();
    AppendIsHeld(1);
    RollTo(3 * kPartitionsPerGroup);
    AppendIsHeld(2);
    RollTo(4 * kPartitionsPerGroup + 1);
    AppendIsHeld(3);
  }

  void RollTo(int32_t partition) {
    while (pool().Take()->Execute(kNewestPartition).Int4(0, 0) < partition) {
      ASSERT_THAT(partitions_.RollIfDue(absl::ZeroDuration(), 1'000'000),
                  support::IsOkAndHolds(true));
    }
  }

  // Relations that a transaction has locked after the statement.
  int64_t LockedBy(const Statement& statement) {
    constexpr Statement kLocked = {
        "count_locked",
        "select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'relation'"};
    ConnectionPool::Lease connection = pool().Take();
    connection->ExecuteScript("begin");
    connection->Execute(statement);
    const int64_t count = connection->Execute(kLocked).Int8(0, 0);
    connection->ExecuteScript("rollback");
    return count;
  }

  PostgresDeliveryStore deliveries_{pool()};
};

TEST_F(IdentityGroupsTest, AnEventOfAnyAgeIsFound) {
  for (const uint8_t number : {3, 2, 1, 3}) {
    EXPECT_OK(deliveries_.FindEvent(shard_, Key(number))) << int{number};
  }
  EXPECT_THAT(deliveries_.FindEvent(shard_, Key(9)), StatusIs(absl::StatusCode::kNotFound));
  PostgresListingStore listings(pool());
  ASSERT_OK_AND_ASSIGN(const std::vector<FoundEvent> found,
                       listings.FindEvents(shard_, {Key(1), Key(2), Key(3), Key(9)}));
  EXPECT_THAT(found, SizeIs(3));
}

TEST_F(IdentityGroupsTest, AnEventIsFoundInAGroupThatBeganMeanwhile) {
  EXPECT_OK(deliveries_.FindEvent(shard_, Key(3)));
  RollTo(6 * kPartitionsPerGroup + 1);
  AppendIsHeld(4);
  EXPECT_OK(deliveries_.FindEvent(shard_, Key(4)));
}

TEST_F(IdentityGroupsTest, AStatementLocksItsGroupAlone) {
  constexpr const char* kText = "select 1 from identity where @group";
  const MadeStatement first = OfGroup("test_group", kText, 0);
  const MadeStatement newest = OfGroup("test_group", kText, 4);
  EXPECT_GE(LockedBy(*first.get()), kPartitionsPerGroup);
  EXPECT_LT(LockedBy(*newest.get()), kPartitionsPerGroup);
}

}  // namespace
}  // namespace snapledger::storage
