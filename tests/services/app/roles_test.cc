#include "services/app/roles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace snapledger::app {
namespace {

using support::StatusIs;
using ::testing::HasSubstr;

TEST(RolesTest, ListNamesThem) {
  ASSERT_OK_AND_ASSIGN(const Roles roles, ParseRoles("query, dispatch"));
  EXPECT_FALSE(roles.ingest);
  EXPECT_TRUE(roles.query);
  EXPECT_TRUE(roles.dispatch);
  EXPECT_FALSE(roles.maintenance);
}

TEST(RolesTest, UnknownAndNoneAreRefused) {
  EXPECT_THAT(ParseRoles("ingst"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"ingest\"")));
  EXPECT_THAT(ParseRoles("bogus"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the roles are ingest, query, dispatch, maintenance")));
  EXPECT_THAT(ParseRoles(" , "), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace snapledger::app
