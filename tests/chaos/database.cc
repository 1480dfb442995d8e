#include "tests/chaos/database.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/child_process.h"
#include "storage/migrator.h"
#include "tests/support/running_program.h"

namespace snapledger::chaos {
namespace {

constexpr absl::Duration kCopyMax = absl::Minutes(10);

void Require(const absl::Status& status, const char* what) {
  if (!status.ok()) throw std::runtime_error(absl::StrCat(what, ": ", status.ToString()));
}

}  // namespace

Database::Database(const std::string& folder, int64_t bytes_max)
    : folder_(std::filesystem::absolute(folder).lexically_normal()) {
  std::filesystem::create_directories(folder_);
  Mount(bytes_max);
  absl::StatusOr<std::unique_ptr<storage::EmbeddedCluster>> cluster =
      storage::EmbeddedCluster::Start(folder_, {.shared_buffers_megabytes = 128});
  Require(cluster.status(), "the cluster");
  cluster_ = *std::move(cluster);
  guard_ = std::make_unique<support::ClusterGuard>(folder_);
  Require(storage::Migrator(url()).Migrate().status(), "the schema");
}

Database::~Database() {
  cluster_.reset();
  guard_.reset();
  if (why_not_fillable_.empty()) CopyAndUnmount();
}

// What lies in memory ends with the mount: a copy takes its place.
void Database::CopyAndUnmount() {
  const std::string copy = folder_ + ".copy";
  const bool copied =
      kept_ && support::RunProgram({"/bin/cp", "-a", folder_, copy}, kCopyMax).exit_code == 0;
  umount2(folder_.c_str(), MNT_DETACH);
  if (copied) std::filesystem::rename(copy, folder_);
}

void Database::Mount(int64_t bytes_max) {
  // In a name space of this process and its children the mount goes with the last of them.
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    why_not_fillable_ = absl::StrCat("no file system can be mounted here: ", strerror(errno));
    return;
  }
  const std::string options = absl::StrCat("mode=0755,size=", bytes_max);
  if (mount("snapledger-chaos", folder_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) !=
      0) {
    why_not_fillable_ = absl::StrCat("no file system can be mounted here: ", strerror(errno));
  }
}

// postgresql://ROLE@FOLDER/DATABASE, the folder in percent encoding.
std::string Database::socket() const {
  const std::string address = url();
  const size_t begin = address.rfind('@') + 1;
  std::string path;
  for (size_t i = begin; i < address.size() && address[i] != '/'; ++i) {
    if (address[i] == '%') {
      path += absl::HexStringToBytes(address.substr(i + 1, 2));
      i += 2;
    } else {
      path += address[i];
    }
  }
  return path + "/.s.PGSQL.5432";
}

void Database::SignalServer(int signal) const {
  if (const pid_t server = cluster_->server_pid(); server > 0) kill(server, signal);
}

bool Database::AwaitServerEnd(absl::Duration time_max) const {
  const absl::StatusOr<storage::ProcessHandle> server =
      storage::ProcessHandle::Open(cluster_->server_pid());
  return !server.ok() || server->WaitForEnd(time_max);
}

bool Database::Restart(absl::Duration time_max) {
  const absl::Time end = absl::Now() + time_max;
  while (!cluster_->EnsureRunning().ok()) {
    if (absl::Now() > end) return false;
  }
  return true;
}

bool Database::Fill() const {
  const int file = open(balloon().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const std::vector<char> block(1 << 20, '\0');
  size_t size = block.size();
  // Smaller and smaller pieces, to the last byte.
  while (size > 0) {
    if (write(file, block.data(), size) <= 0) size /= 2;
  }
  close(file);
  struct statvfs space {};
  return statvfs(folder_.c_str(), &space) == 0 && space.f_bavail == 0;
}

void Database::MakeRoom() const { unlink(balloon().c_str()); }

}  // namespace snapledger::chaos
