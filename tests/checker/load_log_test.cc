#include "tests/checker/load_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"

namespace snapledger::checker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LoadLogTest : public ::testing::Test {
 protected:
  std::vector<LoadCall> Read() {
    std::vector<LoadCall> calls;
    status_ = ReadLoadLog(file_, [&calls](const LoadCall& call) { calls.push_back(call); });
    return calls;
  }

  const support::TemporaryFolder folder_;
  const std::string file_ = folder_.path() + "/load.jsonl";
  absl::Status status_;
};

TEST_F(LoadLogTest, WhatIsWrittenIsReadAndNumbersGoOn) {
  {
    const auto log = LoadLog::Open(file_).value();
    EXPECT_EQ(log->NoteCall("pixel", {"a", "b\"\n"}).value(), 1);
    EXPECT_EQ(log->NoteCall("pixel", {"c"}).value(), 2);
    EXPECT_TRUE(log->NoteFailure(2, "UNAVAILABLE").ok());
    EXPECT_TRUE(log->NoteAnswer(1, {"ACCEPTED", "DUPLICATE"}).ok());
  }
  EXPECT_EQ(LoadLog::Open(file_).value()->NoteCall("app", {"d"}).value(), 3);
  std::ofstream(file_, std::ios::app) << R"({"kind":"answer","number":3,"ver)";
  const std::vector<LoadCall> calls = Read();
  ASSERT_TRUE(status_.ok()) << status_;
  ASSERT_EQ(calls.size(), 3U);
  EXPECT_EQ(calls[0].failure_code, "UNAVAILABLE");
  EXPECT_THAT(calls[1].event_ids, ElementsAre("a", "b\"\n"));
  EXPECT_THAT(calls[1].verdicts, ElementsAre("ACCEPTED", "DUPLICATE"));
  EXPECT_GE(calls[1].end_time, calls[1].call_time);
  EXPECT_EQ(calls[2].destination, "app");
  EXPECT_THAT(calls[2].verdicts, IsEmpty());
  EXPECT_EQ(calls[2].end_time, absl::InfiniteFuture());
}

TEST_F(LoadLogTest, WhatCannotBeReadIsNamed) {
  for (const char* const line :
       {"nonsense\n", "{\"kind\":\"answer\",\"number\":7,\"verdicts\":[]}\n",
        "{\"kind\":\"call\",\"number\":1,\"event_ids\":[\"a\"]}\n"
        "{\"kind\":\"answer\",\"number\":1,\"verdicts\":[]}\n"}) {
    std::ofstream(file_) << line;
    Read();
    EXPECT_TRUE(absl::IsInvalidArgument(status_)) << line;
  }
  EXPECT_TRUE(absl::IsNotFound(ReadLoadLog(folder_.path() + "/none",
                                           [](const LoadCall& call) { static_cast<void>(call); })));
}

}  // namespace
}  // namespace snapledger::checker
