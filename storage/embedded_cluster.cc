#include "storage/embedded_cluster.h"

#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/postgres_programs.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr absl::Duration kInitializeMax = absl::Minutes(5);
constexpr absl::Duration kAnswerMax = absl::Seconds(30);
constexpr absl::Duration kStopMax = absl::Minutes(2);
constexpr absl::Duration kKillMax = absl::Seconds(20);
// A bound on how late a change of postmaster.pid is seen on a file system that tells of none.
constexpr int kLookAgainMs = 200;

constexpr Statement kFindDatabase = {
    "cluster_find_database",
    "select exists (select from pg_roles where rolname = 'snapledger'),"
    " exists (select from pg_database where datname = 'snapledger')"};
constexpr char kCreateRole[] = "create role snapledger login";
constexpr char kCreateDatabase[] = "create database snapledger owner snapledger";

std::string PercentEncode(const std::string& path) {
  std::string encoded;
  for (const unsigned char c : path) {
    if (absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-') {
      encoded.push_back(static_cast<char>(c));
    } else {
      absl::StrAppend(&encoded, "%", absl::Hex(c, absl::kZeroPad2));
    }
  }
  return encoded;
}

// Tells of changes in a folder.
class FolderWatch {
 public:
  explicit FolderWatch(const std::string& folder) : descriptor_(inotify_init1(IN_CLOEXEC)) {
    inotify_add_watch(descriptor_, folder.c_str(), IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE);
  }
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;
  ~FolderWatch() { close(descriptor_); }

  // Until something changed, `process` ended, or a moment passed. False: it ended.
  bool WaitForChange(const ProcessHandle& process) {
    pollfd waiting[] = {{descriptor_, POLLIN, 0}, {process.descriptor(), POLLIN, 0}};
    poll(waiting, 2, kLookAgainMs);
    char events[4096];
    if ((waiting[0].revents & POLLIN) != 0) (void)!read(descriptor_, events, sizeof events);
    return waiting[1].revents == 0;
  }

 private:
  const int descriptor_;
};

absl::StatusOr<SystemUser> ServerUser(const std::string& name) {
  if (geteuid() != 0) return CurrentSystemUser();
  absl::StatusOr<SystemUser> user = FindSystemUser(name);
  if (!user.ok()) {
    return absl::NotFoundError(absl::StrCat(
        "PostgreSQL refuses to run as root and there is no system user `", name,
        "` to run it as; install the package postgresql-15, which makes it, or run as another "
        "user"));
  }
  return user;
}

}  // namespace

absl::StatusOr<std::unique_ptr<EmbeddedCluster>> EmbeddedCluster::Start(
    const std::string& directory, const Options& options) {
  absl::StatusOr<SystemUser> user = ServerUser(options.server_user);
  if (!user.ok()) return user.status();
  absl::StatusOr<ClusterDirectory> opened = ClusterDirectory::Open(directory, *user);
  if (!opened.ok()) return opened.status();
  absl::StatusOr<std::string> programs = FindPostgresPrograms(opened->data_version());
  if (!programs.ok()) return programs.status();

  std::unique_ptr<EmbeddedCluster> cluster(
      new EmbeddedCluster(*std::move(opened), *std::move(programs), *std::move(user), options));
  if (cluster->directory_.data_version().empty()) {
    if (absl::Status made = cluster->Initialize(); !made.ok()) return made;
  }
  {
    absl::MutexLock lock(&cluster->mutex_);
    if (absl::Status started = cluster->StartServer(); !started.ok()) return started;
  }
  if (absl::Status created = cluster->CreateDatabase(); !created.ok()) return created;
  if (options.durable) cluster->write_back_.emplace(cluster->directory_.data_folder() + "/base");
  return cluster;
}

EmbeddedCluster::~EmbeddedCluster() { Stop().IgnoreError(); }

std::string EmbeddedCluster::UrlOf(const std::string& role, const std::string& database) const {
  return absl::StrCat("postgresql://", role, "@", PercentEncode(directory_.socket_folder()), "/",
                      database);
}

ChildCommand EmbeddedCluster::CommandOf(std::vector<std::string> arguments) const {
  ChildCommand command;
  command.arguments = std::move(arguments);
  command.environment = {"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC",
                         absl::StrCat("HOME=", directory_.path())};
  if (geteuid() == 0) command.user = server_user_;
  command.output_file = directory_.log_file();
  return command;
}

absl::Status EmbeddedCluster::Initialize() const {
  if (absl::Status deserted = WaitUntilDeserted(); !deserted.ok()) return deserted;
  if (absl::Status made = directory_.MakeNewDataFolder(); !made.ok()) return made;
  std::vector<std::string> arguments = {
      programs_ + "/initdb", "--pgdata=" + directory_.new_data_folder(),
      "--username=postgres", "--encoding=UTF8",
      "--no-locale",         "--data-checksums",
      "--auth=peer",         "--wal-segsize=4"};
  if (!options_.durable) arguments.push_back("--no-sync");
  const absl::StatusOr<int> code = RunChild(CommandOf(std::move(arguments)), kInitializeMax);
  if (!code.ok()) return code.status();
  if (*code != 0) {
    return absl::InternalError(
        absl::StrCat("initdb failed; ", directory_.log_file(), " ends:\n", directory_.TailOfLog()));
  }
  return directory_.KeepNewDataFolder();
}

absl::Status EmbeddedCluster::StartServer() {
  absl::StatusOr<std::optional<ProcessHandle>> left = TakeOver();
  if (!left.ok()) return left.status();
  if (left->has_value()) {
    server_ = std::move(**left);
    return absl::OkStatus();
  }
  // What a killed server noted may name a process that is somebody else's by now, which a new one
  // would mistake for another server of the folder; so the notes go, but not before the last
  // process that may still write there.
  if (absl::Status deserted = WaitUntilDeserted(); !deserted.ok()) return deserted;
  if (absl::Status removed = directory_.RemoveServerNotes(); !removed.ok()) return removed;
  if (absl::Status written =
          directory_.WriteSettings({options_.shared_buffers_megabytes, options_.durable});
      !written.ok()) {
    return written;
  }
  absl::StatusOr<ProcessHandle> launched = Launch();
  if (!launched.ok()) return launched.status();
  server_ = *std::move(launched);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<ProcessHandle>> EmbeddedCluster::TakeOver() const {
  const std::optional<ClusterDirectory::ServerNote> note = directory_.ReadServerNote();
  if (!note.has_value()) return std::nullopt;
  absl::StatusOr<ProcessHandle> server = ProcessHandle::Open(note->pid);
  // Its number alone may be somebody else's by now.
  if (!server.ok() || !absl::c_linear_search(directory_.ProcessesInside(), note->pid)) {
    return std::nullopt;
  }
  if (note->socket_folder == directory_.socket_folder() && WaitUntilReady(*server).ok() &&
      TryConnect({.url = administrator_url()}).ok()) {
    return std::optional<ProcessHandle>(*std::move(server));
  }
  if (absl::Status stopped = StopServer(*server); !stopped.ok()) return stopped;
  return std::nullopt;
}

absl::StatusOr<ProcessHandle> EmbeddedCluster::Launch() const {
  const absl::StatusOr<pid_t> pid =
      StartChild(CommandOf({programs_ + "/postgres", "-D", directory_.data_folder(), "-c",
                            "config_file=" + directory_.settings_file()}));
  if (!pid.ok()) return pid.status();
  absl::StatusOr<ProcessHandle> server = ProcessHandle::Open(*pid);
  if (!server.ok()) return server.status();
  if (absl::Status ready = WaitUntilReady(*server); !ready.ok()) {
    StopServer(*server).IgnoreError();
    return ready;
  }
  return server;
}

absl::Status EmbeddedCluster::WaitUntilReady(const ProcessHandle& server) const {
  const absl::Time end = absl::Now() + options_.start_max;
  FolderWatch watch(directory_.data_folder());
  for (;;) {
    const std::optional<ClusterDirectory::ServerNote> note = directory_.ReadServerNote();
    if (note.has_value() && note->pid == server.pid() && note->ready) return absl::OkStatus();
    if (!watch.WaitForChange(server)) {
      server.WaitForEnd(absl::ZeroDuration());
      return absl::UnavailableError(absl::StrCat("the embedded PostgreSQL did not start; ",
                                                 directory_.log_file(), " ends:\n",
                                                 directory_.TailOfLog()));
    }
    if (absl::Now() > end) {
      return absl::DeadlineExceededError(
          absl::StrCat("the embedded PostgreSQL was not ready within ",
                       absl::FormatDuration(options_.start_max)));
    }
  }
}

absl::Status EmbeddedCluster::StopServer(const ProcessHandle& server) const {
  server.Signal(SIGINT);  // "fast": ends sessions, writes a checkpoint
  if (server.WaitForEnd(kStopMax)) return absl::OkStatus();
  server.Signal(SIGQUIT);  // "immediate": recovery at the next start
  if (server.WaitForEnd(kKillMax)) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat("the embedded PostgreSQL, process ", server.pid(), ", does not stop"));
}

absl::Status EmbeddedCluster::WaitUntilDeserted() const {
  for (const pid_t pid : directory_.ProcessesInside()) {
    const absl::StatusOr<ProcessHandle> process = ProcessHandle::Open(pid);
    if (!process.ok() || process->WaitForEnd(kAnswerMax)) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("process ", pid, " still works in ", directory_.data_folder()));
  }
  return absl::OkStatus();
}

absl::Status EmbeddedCluster::CreateDatabase() const {
  ConnectionPool pool({.connection = {.url = administrator_url()}, .size_max = 1});
  return WithConnection(pool,
                        [](Connection& connection) {
                          const Result found = connection.Execute(kFindDatabase);
                          if (!found.Bool(0, 0)) connection.ExecuteScript(kCreateRole);
                          if (!found.Bool(0, 1)) connection.ExecuteScript(kCreateDatabase);
                          return true;
                        })
      .status();
}

absl::Status EmbeddedCluster::EnsureRunning() {
  absl::MutexLock lock(&mutex_);
  if (!server_.has_value()) return absl::FailedPreconditionError("the embedded cluster is stopped");
  if (!server_->WaitForEnd(absl::ZeroDuration())) return absl::OkStatus();
  return StartServer();
}

absl::Status EmbeddedCluster::Stop() {
  absl::MutexLock lock(&mutex_);
  if (!server_.has_value()) return absl::OkStatus();
  const absl::Status stopped = StopServer(*server_);
  if (stopped.ok()) server_.reset();
  return stopped;
}

pid_t EmbeddedCluster::server_pid() const {
  absl::MutexLock lock(&mutex_);
  return server_.has_value() ? server_->pid() : 0;
}

}  // namespace snapledger::storage
