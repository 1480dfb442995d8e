#include "services/base/error_details.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "services/base/text.h"

namespace snapledger::base {
namespace {

using ::testing::SizeIs;

TEST(ErrorDetailsTest, EverythingSetComesBack) {
  ErrorDetails details;
  details.reason = ErrorReason::kDestinationHasEvents;
  details.field_violations = {{"a.b[0]", "first"}, {"c", std::string("nul\0inside", 10)}};
  details.retry_delay = absl::Milliseconds(1500);
  details.quota_violations = {{"intake", "full"}};
  details.resource = MissingResource{"destination", "px"};
  details.precondition_violations = {{"TYPE", "subject", "why"}, {"OTHER", "s", ""}};
  absl::Status status = absl::FailedPreconditionError("message");
  SetErrorDetails(details, &status);

  const ErrorDetails read = GetErrorDetails(status);
  EXPECT_EQ(read.reason, ErrorReason::kDestinationHasEvents);
  ASSERT_THAT(read.field_violations, SizeIs(2));
  EXPECT_EQ(read.field_violations[0].field, "a.b[0]");
  EXPECT_EQ(read.field_violations[1].description, std::string("nul\0inside", 10));
  EXPECT_EQ(read.retry_delay, absl::Milliseconds(1500));
  ASSERT_THAT(read.quota_violations, SizeIs(1));
  EXPECT_EQ(read.quota_violations[0].subject, "intake");
  ASSERT_TRUE(read.resource);
  EXPECT_EQ(read.resource->name, "px");
  ASSERT_THAT(read.precondition_violations, SizeIs(2));
  EXPECT_EQ(read.precondition_violations[0].description, "why");
  EXPECT_EQ(read.precondition_violations[1].type, "OTHER");
}

TEST(ErrorDetailsTest, StatusWithoutDetailsHasNone) {
  const ErrorDetails details = GetErrorDetails(absl::InternalError("x"));
  EXPECT_FALSE(details.reason);
  EXPECT_FALSE(details.retry_delay);
  EXPECT_THAT(details.field_violations, SizeIs(0));
}

TEST(ErrorDetailsTest, DetailsAreNoPartOfTheMessage) {
  const absl::Status status = InvalidFieldsError({{"a", "is wrong"}, {"b", "is wrong too"}});
  EXPECT_EQ(status.message(), "a: is wrong (and 1 more, see the details)");
}

TEST(ErrorReasonTest, NamesAreDistinctAndInTheOrderOfTheList) {
  std::set<std::string_view> names;
  int index = 0;
  for (const ErrorReason reason : AllErrorReasons()) {
    EXPECT_EQ(static_cast<int>(reason), index++);
    names.insert(ErrorReasonName(reason));
  }
  EXPECT_EQ(names.size(), AllErrorReasons().size());
}

TEST(ErrorReasonTest, EveryReasonHasARowInTheReference) {
  std::ifstream file(SNAPLEDGER_SOURCE_DIR "/docs/errors.md");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ASSERT_FALSE(text.empty());
  for (const ErrorReason reason : AllErrorReasons()) {
    const std::string row = Concat("\n| `", ErrorReasonName(reason), "` |");
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace snapledger::base
