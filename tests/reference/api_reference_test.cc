#include "tests/reference/api_reference.h"

#include <gtest/gtest.h>

#include "tests/reference/golden_text.h"

namespace snapledger::reference {
namespace {

ApiSchema Schema() { return ApiSchema(SNAPLEDGER_DESCRIPTOR_SET); }

TEST(ApiReferenceTest, IsWhatTheProtosSay) { ExpectTreeFileIs("docs/api.md", Schema().Markdown()); }

TEST(ApiReferenceTest, EverythingACallerUsesIsExplained) {
  for (const std::string& name : Schema().Uncommented()) {
    ADD_FAILURE() << name << " has no comment; say its shape, unit and errors in its proto";
  }
}

}  // namespace
}  // namespace snapledger::reference
