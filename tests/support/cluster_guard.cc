#include "tests/support/cluster_guard.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <stdexcept>

extern char** environ;

namespace snapledger::support {
namespace {

// The server's number stands in the first line of its note.
constexpr char kScript[] =
    "read -r word; test \"$word\" = done && exit;"
    "server=$(head -n 1 \"$1/data/postmaster.pid\") && kill -INT \"$server\" &&"
    " tail --pid=\"$server\" -f /dev/null; rm -rf \"$1\"";

}  // namespace

ClusterGuard::ClusterGuard(const std::string& folder) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  write_end_ = ends[1];
  const char* const arguments[] = {"sh", "-c", kScript, "guard", folder.c_str(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t pid = 0;
  posix_spawn(&pid, "/bin/sh", &actions, &attributes, const_cast<char* const*>(arguments), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(ends[0]);
}

ClusterGuard::~ClusterGuard() {
  (void)!write(write_end_, "done\n", 5);
  close(write_end_);
}

}  // namespace snapledger::support
