#include "storage/embedded_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/transaction.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::storage {
namespace {

using ::snapledger::support::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr Statement kKept = {"test_kept", "select answer from public.kept"};

class EmbeddedClusterTest : public ::testing::Test {
 protected:
  static absl::StatusOr<std::unique_ptr<EmbeddedCluster>> Start(const std::string& folder,
                                                                bool durable = false) {
    return EmbeddedCluster::Start(folder, {.shared_buffers_megabytes = 32, .durable = durable});
  }

  static absl::Status Run(const EmbeddedCluster& cluster, const std::string& script) {
    ConnectionPool pool({.connection = {.url = cluster.url()}});
    return WithConnection(pool,
                          [&](Connection& connection) {
                            connection.ExecuteScript(script);
                            return true;
                          })
        .status();
  }

  static absl::StatusOr<int> ReadKept(const EmbeddedCluster& cluster) {
    ConnectionPool pool({.connection = {.url = cluster.url()}});
    return WithConnection(
        pool, [](Connection& connection) { return connection.Execute(kKept).Int4(0, 0); });
  }

  static std::vector<std::string> ThreadNames() {
    std::vector<std::string> names;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
      std::ifstream(thread.path() / "comm") >> names.emplace_back();
    }
    return names;
  }

  // cluster_holder at work on a folder.
  struct Holder {
    pid_t pid = 0;
    FILE* output = nullptr;
  };

  static Holder StartHolder(const std::string& folder) {
    const std::string program = SNAPLEDGER_BINARY_DIR "/bin/storage_cluster_holder";
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    const char* const arguments[] = {program.c_str(), folder.c_str(), nullptr};
    Holder holder;
    EXPECT_EQ(posix_spawn(&holder.pid, program.c_str(), &actions, nullptr,
                          const_cast<char* const*>(arguments), environ),
              0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    holder.output = fdopen(ends[0], "r");
    return holder;
  }

  static void Kill(const Holder& holder) {
    kill(holder.pid, SIGKILL);
    waitpid(holder.pid, nullptr, 0);
    fclose(holder.output);
  }

  // Kills one once it wrote its row. Returns the server it left.
  static pid_t StartAndKillHolder(const std::string& folder) {
    const Holder holder = StartHolder(folder);
    char line[32] = "";
    EXPECT_NE(fgets(line, sizeof line, holder.output), nullptr);
    Kill(holder);
    return static_cast<pid_t>(std::atol(line));
  }

  const support::TemporaryFolder temporary_;
  const std::string folder_ = temporary_.path() + "/postgres";
};

TEST_F(EmbeddedClusterTest, WhatWasWrittenIsThereAfterAStop) {
  {
    ASSERT_OK_AND_ASSIGN(const auto cluster, Start(folder_));
    ASSERT_OK(Run(*cluster, "create table public.kept as select 42 as answer"));
    ASSERT_OK(cluster->Stop());
    ASSERT_OK(cluster->Stop());
  }
  ASSERT_OK_AND_ASSIGN(const auto cluster, Start(folder_));
  EXPECT_THAT(ReadKept(*cluster), support::IsOkAndHolds(42));
}

TEST_F(EmbeddedClusterTest, OnlyItsOwnUserReachesItAndDurablyByDefault) {
  ASSERT_OK_AND_ASSIGN(const auto cluster, Start(folder_, true));
  for (const char* inner : {"/data", "/socket"}) {
    struct stat found {};
    ASSERT_EQ(stat((folder_ + inner).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0700U) << inner;
  }
  EXPECT_OK(Run(*cluster,
                "do $$ begin assert current_setting('fsync') = 'on';"
                " assert current_setting('synchronous_commit') = 'on';"
                " assert current_setting('full_page_writes') = 'on';"
                " assert current_setting('data_checksums') = 'on';"
                " assert current_setting('listen_addresses') = '';"
                " assert current_setting('wal_segment_size') = '4MB';"
                " assert not (select rolsuper from pg_roles where rolname = current_user);"
                " end $$"));
  EXPECT_THAT(ThreadNames(), ::testing::Contains("write-back"));
  EXPECT_GT(StartWritingChanged(folder_ + "/data/base", absl::UnixEpoch()), 0);
}

TEST_F(EmbeddedClusterTest, TheServerOfAKilledProcessIsTakenOver) {
  const pid_t left = StartAndKillHolder(folder_);
  ASSERT_EQ(kill(left, 0), 0);
  ASSERT_OK_AND_ASSIGN(const auto cluster, Start(folder_));
  EXPECT_EQ(cluster->server_pid(), left);
  EXPECT_THAT(ReadKept(*cluster), support::IsOkAndHolds(42));
  ASSERT_OK(cluster->Stop());
  EXPECT_NE(access((folder_ + "/data/postmaster.pid").c_str(), F_OK), 0);
}

TEST_F(EmbeddedClusterTest, RecoversWhereTheServerWasKilledToo) {
  kill(StartAndKillHolder(folder_), SIGKILL);
  ASSERT_OK_AND_ASSIGN(const auto cluster, Start(folder_));
  EXPECT_THAT(ReadKept(*cluster), support::IsOkAndHolds(42));
}

TEST_F(EmbeddedClusterTest, ANoteWhoseNumberIsSomebodyElsesByNowIsNoObstacle) {
  { ASSERT_OK_AND_ASSIGN(const auto cluster, Start(folder_)); }
  std::ofstream(folder_ + "/data/postmaster.pid") << getpid() << "\n"
                                                  << folder_ << "/data\n1\n5432\n"
                                                  << folder_ << "/socket\n\n1 1\nready\n";
  EXPECT_OK(Start(folder_));
}

TEST_F(EmbeddedClusterTest, AServerThatEndedIsStartedAgain) {
  ASSERT_OK_AND_ASSIGN(const auto cluster, Start(folder_));
  const pid_t first = cluster->server_pid();
  ASSERT_OK(cluster->EnsureRunning());
  EXPECT_EQ(cluster->server_pid(), first);
  kill(first, SIGKILL);
  siginfo_t ended;
  waitid(P_PID, static_cast<id_t>(first), &ended, WEXITED | WNOWAIT);
  ASSERT_OK(cluster->EnsureRunning());
  EXPECT_NE(cluster->server_pid(), first);
  EXPECT_OK(Run(*cluster, "select 1"));
}

TEST_F(EmbeddedClusterTest, ASecondProcessIsRefusedAndToldWhoseItIs) {
  ASSERT_OK_AND_ASSIGN(const auto cluster, Start(folder_));
  EXPECT_THAT(Start(folder_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                       HasSubstr(absl::StrCat("process ", getpid()))));
}

TEST_F(EmbeddedClusterTest, ALongPathGetsItsSocketElsewhere) {
  const std::string folder = temporary_.path() + "/" + std::string(100, 'x') + "/it's";
  ASSERT_OK_AND_ASSIGN(const auto cluster, Start(folder));
  EXPECT_OK(Run(*cluster, "select 1"));
  EXPECT_NE(access((folder + "/socket").c_str(), F_OK), 0);
}

TEST_F(EmbeddedClusterTest, AnInterruptedInitdbIsDoneAgain) {
  ASSERT_EQ(mkdir(folder_.c_str(), 0755), 0);
  ASSERT_EQ(mkdir((folder_ + "/data.new").c_str(), 0755), 0);
  std::ofstream(folder_ + "/data.new/half") << "half";
  EXPECT_OK(Start(folder_));
}

TEST_F(EmbeddedClusterTest, AProcessKilledWithinInitdbLeavesNoObstacle) {
  const Holder holder = StartHolder(folder_);
  while (access((folder_ + "/data.new/base").c_str(), F_OK) != 0) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  Kill(holder);
  ASSERT_NE(access((folder_ + "/data").c_str(), F_OK), 0);
  ASSERT_OK_AND_ASSIGN(const auto cluster, Start(folder_));
  EXPECT_OK(Run(*cluster, "select 1"));
}

TEST_F(EmbeddedClusterTest, AFolderWithSomethingElseIsLeftAlone) {
  ASSERT_EQ(mkdir(folder_.c_str(), 0755), 0);
  ASSERT_EQ(mkdir((folder_ + "/data").c_str(), 0755), 0);
  EXPECT_THAT(Start(folder_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("something else")));
  std::ofstream(folder_ + "/PG_VERSION") << "15\n";
  EXPECT_THAT(Start(folder_), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(EmbeddedClusterTest, AFileInTheFoldersPlaceIsSaidToBeNone) {
  std::ofstream(folder_) << "text";
  EXPECT_THAT(Start(folder_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                       HasSubstr(folder_ + " is not a folder")));
  EXPECT_THAT(Start(folder_ + "/deeper"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("cannot make the folder " + folder_ + "/deeper")));
}

TEST_F(EmbeddedClusterTest, AFolderTheServersUserCannotReachIsSaidSoWithTheMend) {
  ASSERT_EQ(mkdir(folder_.c_str(), 0700), 0);
  if (geteuid() == 0) {
    EXPECT_THAT(Start(folder_ + "/deeper"),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         AllOf(HasSubstr("postgres"), HasSubstr("chmod o+x " + folder_ + "`"))));
  } else {
    EXPECT_OK(Start(folder_ + "/deeper"));
  }
}

TEST_F(EmbeddedClusterTest, RootWithoutTheServersUserIsToldWhatToInstall) {
  const auto cluster = EmbeddedCluster::Start(folder_, {.server_user = "no-such-user"});
  if (geteuid() == 0) {
    EXPECT_THAT(cluster, StatusIs(absl::StatusCode::kNotFound, HasSubstr("no-such-user")));
  } else {
    EXPECT_OK(cluster);
  }
}

}  // namespace
}  // namespace snapledger::storage
