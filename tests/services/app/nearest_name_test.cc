#include "services/app/nearest_name.h"

#include <gtest/gtest.h>

namespace snapledger::app {
namespace {

TEST(NearestNameTest, FewestEditsWin) {
  const std::vector<std::string> names = {"listen", "http-listen", "key-file"};
  EXPECT_EQ(NearestName("lisen", names), "listen");
  EXPECT_EQ(NearestName("http_listen", names), "http-listen");
  EXPECT_EQ(NearestName("keyfile", names), "key-file");
  EXPECT_EQ(NearestName("listen", names), "listen");
  EXPECT_EQ(NearestName("anything", {}), "");
}

TEST(NearestNameTest, WhatIsFarFromEveryNameGetsNone) {
  EXPECT_EQ(NearestName("--bogus", {"--roles", "--listen"}), "");
  EXPECT_EQ(NearestName("xy", {"listen", "ca"}), "");
  EXPECT_EQ(NearestName("c", {"ca"}), "ca");
}

}  // namespace
}  // namespace snapledger::app
