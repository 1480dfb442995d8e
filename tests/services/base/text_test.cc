#include "services/base/text.h"

#include <gtest/gtest.h>

namespace snapledger::base {
namespace {

TEST(TextTest, ConcatTakesBothKindsOfViewsAndNumbers) {
  const std::string_view standard = "standard";
  const absl::string_view abseil = "abseil";
  EXPECT_EQ(Concat(standard, "/", abseil, "/", 7, "/", std::string("text")),
            "standard/abseil/7/text");
}

TEST(TextTest, ViewsConvertBothWays) {
  EXPECT_EQ(AsStd(AsAbsl(std::string_view("a\0b", 3))), std::string_view("a\0b", 3));
}

}  // namespace
}  // namespace snapledger::base
