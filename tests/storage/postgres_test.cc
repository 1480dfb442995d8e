#include "storage/postgres.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::snapledger::support::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using PostgresTest = support::PostgresTest;

TEST_F(PostgresTest, OpensAllThatIsKept) {
  for (const bool prepared : {true, false}) {
    ASSERT_OK_AND_ASSIGN(const auto postgres,
                         Postgres::Open(url(), {.prepared_statements = prepared}));
    EXPECT_THAT(postgres->destinations().List("", 10), support::IsOkAndHolds(IsEmpty()));
    EXPECT_THAT(postgres->labels().FindOrInsert(LabelKind::kEventName, "PURCHASE"),
                support::IsOkAndHolds(1));
    EXPECT_THAT(postgres->data_keys().Get(1), StatusIs(absl::StatusCode::kNotFound));
    EXPECT_THAT(postgres->ledger().DueShards({1}), support::IsOkAndHolds(IsEmpty()));
    EXPECT_THAT(postgres->identity_partitions().RollIfDue(absl::Hours(1), 1000),
                support::IsOkAndHolds(false));
    EXPECT_THAT(postgres->deliveries().FindEvent(1, {}), StatusIs(absl::StatusCode::kNotFound));
  }
}

TEST_F(PostgresTest, SaysWhyItCannotBeReached) {
  const std::string missing = support::WithDatabase(url(), "no_such_database");
  EXPECT_THAT(Postgres::Open(missing, {}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no_such_database")));
}

}  // namespace
}  // namespace snapledger::storage
