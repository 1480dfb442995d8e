// The one check of `lot` (docs/decisions/0037) against the rules it stands for, each written as it
// would be alone, for every combination of what they speak of.

#include <gtest/gtest.h>

#include "storage/transaction.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

constexpr Statement kCombinations = {
    "combinations",
    "select count(*), count(*) filter (where sound is distinct from allowed),"
    "   count(*) filter (where sound)"
    " from (select lot_is_sound(first::smallint, last::smallint, events, state::smallint,"
    "     queue::smallint, exceptional::smallint, case when final then now() end,"
    "     case when doubt then now() end, case when attempt then key end,"
    "     case when lease then now() end, late, case when isolated then key end,"
    "     stage::smallint) as sound,"
    "   first >= 0 and first <= last"
    "   and events between 1 and 2000"
    "   and stage between 0 and 3"
    "   and state between 1 and 10"
    "   and queue between 0 and 3"
    "   and (queue = 0 or state in (1, 3))"
    "   and (queue = 3) = (isolated and queue > 0)"
    "   and (state <> 2 or (attempt and lease))"
    "   and final = (state >= 4)"
    "   and (not doubt or state not in (1, 5, 6, 8))"
    "   and (doubt or state not in (3, 7))"
    "   and (not late or state in (2, 4))"
    "   and exceptional is not distinct from"
    "     case when state >= 5 or (state in (1, 3) and queue = 0) then state end as allowed"
    "  from (values (-1, 0, 1, 0), (2, 1, 1, 0), (0, 0, 0, 0), (0, 1, 2000, 3), (0, 0, 2001, 0),"
    "      (0, 0, 1, -1), (0, 0, 1, 4)) slice (first, last, events, stage),"
    "    generate_series(0, 11) state, generate_series(-1, 4) queue,"
    "    (select null::int union all select generate_series(0, 11)) e (exceptional),"
    "    (values (true), (false)) a (final), (values (true), (false)) b (doubt),"
    "    (values (true), (false)) c (attempt), (values (true), (false)) d (lease),"
    "    (values (true), (false)) f (late), (values (true), (false)) g (isolated),"
    "    (values ('00000000-0000-0000-0000-000000000001'::uuid)) k (key)) combination"};

class LotCheckTest : public support::PostgresTest {};

TEST_F(LotCheckTest, AllowsWhatEveryRuleAllowsAndNothingElse) {
  ASSERT_OK(WithConnection(pool(), [](Connection& connection) {
    const Result counts = connection.Execute(kCombinations);
    EXPECT_EQ(counts.Int8(0, 0), 7 * 12 * 6 * 13 * 64);
    EXPECT_EQ(counts.Int8(0, 1), 0);
    EXPECT_GT(counts.Int8(0, 2), 100);
    return 0;
  }));
}

TEST_F(LotCheckTest, GuardsTheTable) {
  ASSERT_OK(WithConnection(pool(), [](Connection& connection) {
    const Result checks = connection.Execute(
        {"checks_of_lot",
         "select count(*), bool_and(convalidated and conname = 'lot_is_sound')"
         " from pg_constraint where conrelid = 'lot'::regclass and contype = 'c'"});
    EXPECT_EQ(checks.Int8(0, 0), 1);
    EXPECT_TRUE(checks.Bool(0, 1));
    return 0;
  }));
}

}  // namespace
}  // namespace snapledger::storage
