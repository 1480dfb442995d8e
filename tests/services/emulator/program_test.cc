// The program as others start it: flags, files, signals.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tests/services/emulator/harness.h"

extern char** environ;

namespace snapledger::emulator {
namespace {

using ::testing::HasSubstr;

class ProgramTest : public EmulatorTest {
 protected:
  ~ProgramTest() override {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }

  void Spawn(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), std::string(SNAPLEDGER_BINARY_DIR) + "/bin/snap-emulator");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, FilePath("out").c_str(), O_WRONLY | O_CREAT,
                                     0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    ASSERT_EQ(posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
  }

  // Waits for the program to put the file there.
  void AwaitFile(const std::string& path) {
    const int watch = inotify_init1(IN_CLOEXEC);
    inotify_add_watch(watch, folder_.c_str(), IN_MOVED_TO);
    while (!std::filesystem::exists(path)) {
      char events[4096];
      ASSERT_GT(read(watch, events, sizeof(events)), 0);
    }
    close(watch);
  }

  int ExitCode() {
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  pid_t pid_ = -1;
};

TEST_F(ProgramTest, AnnouncesItselfServesAndStops) {
  Spawn({"--ca-out", FilePath("ca.pem"), "--ready-file", FilePath("ready.json"), "--journal",
         FilePath("journal"), "--mixed-batch", "partial"});
  AwaitFile(FilePath("ready.json"));
  const rapidjson::Document ready = ParseBody(FileText(FilePath("ready.json")));
  EXPECT_EQ(ready["pid"].GetInt(), pid_);
  EXPECT_THAT(ready["url"].GetString(), testing::StartsWith("https://127.0.0.1:"));
  Client client(FileText(FilePath("ca.pem")));
  const std::string url = ready["url"].GetString();
  EXPECT_EQ(client.Post(url + "/v3/px/events?access_token=t", Batch({LiveEvent("e1")})).status,
            200);
  EXPECT_EQ(Client().Get(std::string(ready["admin"].GetString()) + "/health").status, 200);
  EXPECT_EQ(Journal("request").size(), 1U);
  EXPECT_THAT(FileText(FilePath("out")), testing::ContainsRegex("--mixed-batch +partial"));
  kill(pid_, SIGTERM);
  EXPECT_EQ(ExitCode(), 0);
}

TEST_F(ProgramTest, StopsOnInterrupt) {
  Spawn({"--ready-file", FilePath("ready.json")});
  AwaitFile(FilePath("ready.json"));
  kill(pid_, SIGINT);
  EXPECT_EQ(ExitCode(), 0);
}

TEST_F(ProgramTest, FaultsFromAFile) {
  WriteText(FilePath("faults"), R"({"faults":[{"kind":"status","status":503,"count":1}]})");
  Spawn({"--faults", FilePath("faults"), "--ca-out", FilePath("ca.pem"), "--ready-file",
         FilePath("ready.json")});
  AwaitFile(FilePath("ready.json"));
  const rapidjson::Document ready = ParseBody(FileText(FilePath("ready.json")));
  Client client(FileText(FilePath("ca.pem")));
  const std::string url = absl::StrCat(ready["url"].GetString(), "/v3/px/events?access_token=t");
  EXPECT_EQ(client.Post(url, Batch({LiveEvent("e1")})).status, 503);
  EXPECT_EQ(client.Post(url, Batch({LiveEvent("e1")})).status, 200);
}

TEST_F(ProgramTest, UsageErrorsExitWithTwo) {
  Spawn({"--listen", "0.0.0.0:0"});
  EXPECT_EQ(ExitCode(), 2);
  EXPECT_THAT(FileText(FilePath("out")), HasSubstr("not a loopback address"));
  Spawn({"--mixed-batch", "sometimes"});
  EXPECT_EQ(ExitCode(), 2);
  Spawn({"--no-such-flag"});
  EXPECT_EQ(ExitCode(), 2);
  WriteText(FilePath("faults"), "[{}]");
  Spawn({"--faults", FilePath("faults")});
  EXPECT_EQ(ExitCode(), 2);
}

TEST_F(ProgramTest, AMissingFileExitsWithOne) {
  Spawn({"--tokens", FilePath("none")});
  EXPECT_EQ(ExitCode(), 1);
  EXPECT_THAT(FileText(FilePath("out")), HasSubstr("cannot read"));
}

}  // namespace
}  // namespace snapledger::emulator
