#include "services/event/findings.h"

#include <gtest/gtest.h>

#include "services/event/limits.h"

namespace snapledger::event {
namespace {

Violation CheckedText(std::string_view text, TextKind kind) {
  PreparedEvent prepared;
  Findings findings(&prepared);
  EXPECT_FALSE(CheckText({"source"}, text, 8, kind, &findings));
  EXPECT_EQ(prepared.violations.size(), 1U);
  return prepared.violations.empty() ? Violation() : prepared.violations.front();
}

TEST(Findings, WritesPaths) {
  EXPECT_EQ((FieldPath{"event_id"}).ToString(), "event_id");
  EXPECT_EQ((FieldPath{"user_data.email", 0}).ToString(), "user_data.email[0]");
  EXPECT_EQ((FieldPath{"custom_data.contents", 2, "item_price"}).ToString(),
            "custom_data.contents[2].item_price");
}

TEST(Findings, AreLimited) {
  PreparedEvent prepared;
  Findings findings(&prepared);
  for (size_t i = 0; i < 3 * kFindingsMax; ++i) {
    findings.Violate({"a"}, Reason::kMalformed, "wrong");
    findings.Warn({"a"}, Reason::kMalformed, "odd");
  }
  EXPECT_EQ(prepared.violations.size(), kFindingsMax);
  EXPECT_EQ(prepared.warnings.size(), kFindingsMax);
}

TEST(Findings, ChecksText) {
  EXPECT_EQ(CheckedText("123456789", TextKind::kProse).reason, Reason::kTooLong);
  EXPECT_EQ(CheckedText("\xFF", TextKind::kProse).reason, Reason::kMalformed);
  EXPECT_EQ(CheckedText(std::string_view("a\0", 2), TextKind::kProse).reason, Reason::kMalformed);
  EXPECT_EQ(CheckedText("a\nb", TextKind::kToken).reason, Reason::kMalformed);
  PreparedEvent prepared;
  Findings findings(&prepared);
  EXPECT_TRUE(CheckText({"a"}, "a\nb", 8, TextKind::kProse, &findings));
  EXPECT_TRUE(CheckText({"a"}, "", 0, TextKind::kToken, &findings));
  EXPECT_FALSE(findings.any_violation());
}

}  // namespace
}  // namespace snapledger::event
