#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Matchers and macros for absl::Status and absl::StatusOr:
//   EXPECT_THAT(store.Get("x"), StatusIs(absl::StatusCode::kNotFound));
//   ASSERT_OK_AND_ASSIGN(const Destination destination, store.Get("x"));
namespace snapledger::support {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename Value>
const absl::Status& StatusOf(const absl::StatusOr<Value>& value) {
  return value.status();
}

MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  *result_listener << StatusOf(arg);
  return arg.ok();
}

MATCHER_P2(StatusIs, code, message_matcher, "has the code and message") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status;
  return status.code() == code &&
         ::testing::ExplainMatchResult(message_matcher, std::string(status.message()),
                                       result_listener);
}

inline auto StatusIs(absl::StatusCode code) { return StatusIs(code, ::testing::_); }

MATCHER_P(IsOkAndHolds, value_matcher, "is OK and holds the value") {
  if (!arg.ok()) {
    *result_listener << arg.status();
    return false;
  }
  return ::testing::ExplainMatchResult(value_matcher, *arg, result_listener);
}

}  // namespace snapledger::support

#define SNAPLEDGER_TEST_CONCAT_INNER_(x, y) x##y
#define SNAPLEDGER_TEST_CONCAT_(x, y) SNAPLEDGER_TEST_CONCAT_INNER_(x, y)

#define ASSERT_OK(expression) ASSERT_THAT(expression, ::snapledger::support::IsOk())
#define EXPECT_OK(expression) EXPECT_THAT(expression, ::snapledger::support::IsOk())

// ASSERT_OK_AND_ASSIGN(const auto value, Function()): declares or assigns `value`, or ends the
// test.
#define ASSERT_OK_AND_ASSIGN(declaration, expression) \
  ASSERT_OK_AND_ASSIGN_(SNAPLEDGER_TEST_CONCAT_(status_or_, __LINE__), declaration, expression)
#define ASSERT_OK_AND_ASSIGN_(status_or, declaration, expression) \
  auto status_or = (expression);                                  \
  ASSERT_OK(status_or);                                           \
  declaration = std::move(status_or).value()
