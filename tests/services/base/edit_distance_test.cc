#include "services/base/edit_distance.h"

#include <gtest/gtest.h>

namespace snapledger::base {
namespace {

TEST(EditsBetweenTest, CountsTheFewestEdits) {
  EXPECT_EQ(EditsBetween("", ""), 0);
  EXPECT_EQ(EditsBetween("", "abc"), 3);
  EXPECT_EQ(EditsBetween("abc", ""), 3);
  EXPECT_EQ(EditsBetween("email", "emial"), 2);
  EXPECT_EQ(EditsBetween("kitten", "sitting"), 3);
  EXPECT_EQ(EditsBetween("flaw", "lawn"), 2);
}

}  // namespace
}  // namespace snapledger::base
