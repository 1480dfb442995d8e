#include "storage/audit_detail.h"

#include <gtest/gtest.h>

#include <limits>

namespace snapledger::storage {
namespace {

TEST(AuditDetailTest, IsAnObject) {
  EXPECT_EQ(AuditDetail().json(), "{}");
  EXPECT_EQ(AuditDetail()
                .Text("reason", "fair")
                .Count("events", -3)
                .Number("rate", 0.1)
                .Flag("held", true)
                .json(),
            R"({"reason":"fair","events":-3,"rate":0.1,"held":true})");
}

TEST(AuditDetailTest, ObjectsNest) {
  EXPECT_EQ(AuditDetail().Object("rate", AuditDetail().Number("from", 10).Number("to", 2.5)).json(),
            R"({"rate":{"from":10,"to":2.5}})");
}

TEST(AuditDetailTest, TextsCannotLeaveTheirQuotes) {
  EXPECT_EQ(AuditDetail().Text("a\"b", "\\ \"} \n\x7f ü").json(),
            "{\"a\\\"b\":\"\\\\ \\\"} \\u000a\\u007f ü\"}");
}

TEST(AuditDetailTest, WhatIsNoNumberIsNull) {
  EXPECT_EQ(AuditDetail().Number("rate", std::numeric_limits<double>::infinity()).json(),
            R"({"rate":null})");
}

}  // namespace
}  // namespace snapledger::storage
