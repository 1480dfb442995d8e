#include "services/reconciliation/receipt_rule.h"

#include <gtest/gtest.h>

#include <vector>

namespace snapledger::reconciliation {
namespace {

using storage::ExpectedReceipts;
using storage::ReceiptVerdict;

constexpr ReceiptVerdict kUnread = ReceiptVerdict::kNotUnderstood;
constexpr ReceiptVerdict kFew = ReceiptVerdict::kTooFew;
constexpr ReceiptVerdict kAgrees = ReceiptVerdict::kAgrees;
constexpr ReceiptVerdict kLow = ReceiptVerdict::kTooLow;
constexpr ReceiptVerdict kHigh = ReceiptVerdict::kTooHigh;

ReceiptVerdict JudgeSteady(int64_t delivered, std::optional<int64_t> reported) {
  return Judge({.delivered = delivered, .least = delivered, .most = delivered}, reported, {});
}

TEST(ReceiptRuleTest, BoundsOfTheRatio) {
  EXPECT_EQ(JudgeSteady(1000, 1000), kAgrees);
  EXPECT_EQ(JudgeSteady(1000, 900), kAgrees);
  EXPECT_EQ(JudgeSteady(1000, 899), kLow);
  EXPECT_EQ(JudgeSteady(1000, 0), kLow);
  EXPECT_EQ(JudgeSteady(1000, 1100), kAgrees);
  EXPECT_EQ(JudgeSteady(1000, 1101), kHigh);
}

TEST(ReceiptRuleTest, FewEventsSayNothing) {
  EXPECT_EQ(JudgeSteady(99, 0), kFew);
  EXPECT_EQ(JudgeSteady(100, 0), kLow);
  EXPECT_EQ(JudgeSteady(0, 0), kFew);
  EXPECT_EQ(JudgeSteady(0, 99), kFew);
  EXPECT_EQ(JudgeSteady(0, 100), kHigh);
}

TEST(ReceiptRuleTest, WhatIsNotUnderstoodIsNoNumber) {
  EXPECT_EQ(JudgeSteady(1000, std::nullopt), kUnread);
}

// What was delivered just now, or an hour ago, may be in Snap's hour or not.
TEST(ReceiptRuleTest, TheLagAtBothEndsIsAllowedFor) {
  const ExpectedReceipts expected = {.delivered = 1000, .least = 500, .most = 1500};
  EXPECT_EQ(Judge(expected, 450, {}), kAgrees);
  EXPECT_EQ(Judge(expected, 449, {}), kLow);
  EXPECT_EQ(Judge(expected, 1650, {}), kAgrees);
  EXPECT_EQ(Judge(expected, 1651, {}), kHigh);
}

// All of it came in the last minutes: Snap may not count it yet.
TEST(ReceiptRuleTest, ABurstJustNowIsNoDivergence) {
  EXPECT_EQ(Judge({.delivered = 5000, .least = 0, .most = 5000}, 0, {}), kFew);
  EXPECT_EQ(Judge({.delivered = 5000, .least = 0, .most = 5000}, 2500, {}), kAgrees);
}

// Snap may have what is in doubt.
TEST(ReceiptRuleTest, DoubtIsAllowedFor) {
  const ExpectedReceipts expected = {.delivered = 1000, .least = 1000, .most = 3000};
  EXPECT_EQ(Judge(expected, 3000, {}), kAgrees);
  EXPECT_EQ(Judge(expected, 1000, {}), kAgrees);
  EXPECT_EQ(Judge(expected, 800, {}), kLow);
}

bool DivergesAfter(const std::vector<ReceiptVerdict>& newest_first) {
  return Diverges(newest_first, {});
}

TEST(ReceiptRuleTest, AnAlertNeedsSeveralLooksInARow) {
  EXPECT_FALSE(DivergesAfter({}));
  EXPECT_FALSE(DivergesAfter({kLow}));
  EXPECT_FALSE(DivergesAfter({kLow, kLow}));
  EXPECT_TRUE(DivergesAfter({kLow, kLow, kLow}));
  EXPECT_TRUE(DivergesAfter({kHigh, kHigh, kHigh}));
  EXPECT_FALSE(DivergesAfter({kLow, kLow, kAgrees, kLow}));
}

TEST(ReceiptRuleTest, WhatIsNotUnderstoodNeitherMakesNorEndsAnAlert) {
  EXPECT_FALSE(DivergesAfter({kUnread, kUnread, kUnread}));
  EXPECT_FALSE(DivergesAfter({kLow, kUnread, kLow}));
  EXPECT_TRUE(DivergesAfter({kUnread, kLow, kUnread, kLow, kLow}));
}

TEST(ReceiptRuleTest, OneLookThatAgreesEndsIt) {
  EXPECT_FALSE(DivergesAfter({kAgrees, kLow, kLow, kLow}));
  EXPECT_FALSE(DivergesAfter({kFew, kLow, kLow, kLow}));
  EXPECT_FALSE(DivergesAfter({kUnread, kAgrees, kLow, kLow, kLow}));
}

}  // namespace
}  // namespace snapledger::reconciliation
