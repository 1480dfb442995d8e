#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "services/base/error_details.h"
#include "services/base/text.h"

namespace snapledger::rpc {
namespace {

TEST(ErrorDocsTest, EveryReasonHasARowInTheReference) {
  std::ifstream file(SNAPLEDGER_SOURCE_DIR "/docs/errors.md");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ASSERT_FALSE(text.empty());
  for (const base::ErrorReason reason : base::AllErrorReasons()) {
    const std::string row = base::Concat("\n| `", base::ErrorReasonName(reason), "` |");
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace snapledger::rpc
