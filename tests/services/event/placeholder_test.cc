#include "services/event/placeholder.h"

#include <gtest/gtest.h>

#include "services/event/sha256.h"

namespace snapledger::event {
namespace {

TEST(Placeholder, KnowsWhatProgramsWriteForNothing) {
  for (const char* text :
       {"", "null", "NULL", "undefined", "N/A", "n/a", "None", "(not set)", "[object Object]", "0",
        "000", "-", "00000000-0000-0000-0000-000000000000"}) {
    EXPECT_TRUE(IsPlaceholder(text)) << text;
  }
}

TEST(Placeholder, LeavesValuesAlone) {
  for (const char* text : {"Nan", "Na", "Nil", "nullify", "0.0.0.0", "10", "0000-1", "x"}) {
    EXPECT_FALSE(IsPlaceholder(text)) << text;
  }
}

TEST(Placeholder, KnowsTheirHashes) {
  EXPECT_TRUE(IsPlaceholderDigest(Sha256("")));
  EXPECT_TRUE(IsPlaceholderDigest(Sha256("null")));
  EXPECT_TRUE(IsPlaceholderDigest(Sha256("undefined")));
  EXPECT_FALSE(IsPlaceholderDigest(Sha256("person@example.com")));
}

}  // namespace
}  // namespace snapledger::event
