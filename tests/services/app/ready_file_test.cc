#include "services/app/ready_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::app {
namespace {

TEST(ReadyFileTest, HoldsAddressesAndProcess) {
  const support::TemporaryFolder folder;
  const std::string path = folder.path() + "/ready.json";
  ASSERT_OK(WriteReadyFile(path, {.grpc_address = "127.0.0.1:1",
                                  .http_address = "127.0.0.1:2",
                                  .database_url = "postgresql://a\"b"}));
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  rapidjson::Document document;
  document.Parse(text.c_str());
  ASSERT_TRUE(document.IsObject());
  EXPECT_STREQ(document["grpc"].GetString(), "127.0.0.1:1");
  EXPECT_STREQ(document["http"].GetString(), "127.0.0.1:2");
  EXPECT_STREQ(document["database"].GetString(), "postgresql://a\"b");
  EXPECT_EQ(document["pid"].GetInt(), getpid());
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST(ReadyFileTest, FolderMustExist) {
  const support::TemporaryFolder folder;
  EXPECT_FALSE(WriteReadyFile(folder.path() + "/none/ready.json", {}).ok());
}

TEST(ReadyFileTest, WhatIsInItsWayIsToldBeforeItIsWritten) {
  const support::TemporaryFolder folder;
  EXPECT_OK(CheckReadyFile(folder.path() + "/ready.json"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/ready.json"));
  EXPECT_OK(CheckReadyFile("ready.json"));
  EXPECT_THAT(CheckReadyFile(folder.path() + "/none/ready.json"),
              support::StatusIs(absl::StatusCode::kInvalidArgument,
                                ::testing::HasSubstr(folder.path() + "/none is not a folder")));
  EXPECT_THAT(
      CheckReadyFile(folder.path()),
      support::StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("is a folder")));
}

}  // namespace
}  // namespace snapledger::app
