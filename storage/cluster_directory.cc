#include "storage/cluster_directory.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"

namespace snapledger::storage {
namespace {

namespace fs = std::filesystem;

// sockaddr_un holds 108 bytes with the final zero; the name of the socket is the server's.
constexpr size_t kSocketPathBytesMax = 107;
constexpr char kSocketName[] = "/.s.PGSQL.5432";
constexpr uintmax_t kLogBytesMax = 16 << 20;
constexpr size_t kLogTailBytes = 1000;

// $0 socket folder, $1 who may connect, $2 as which roles, $3 megabytes of cache, $4 durable or
// not. A statement, or the detail of a constraint's error, could repeat what a row holds: neither
// is logged.
constexpr char kSettingsTemplate[] = R"(# Written at each start. Settings of your own: ALTER SYSTEM.
listen_addresses = ''
unix_socket_directories = $0
unix_socket_permissions = 0700
hba_file = $1
ident_file = $2
max_connections = 100
shared_buffers = $3MB
fsync = $4
synchronous_commit = $4
full_page_writes = $4
wal_compression = lz4
max_wal_size = 4GB
autovacuum_naptime = 15s
autovacuum_vacuum_cost_limit = 100
autovacuum_vacuum_cost_delay = 5ms
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
log_error_verbosity = terse
log_min_error_statement = panic
log_line_prefix = '%m [%p] '
)";

absl::Status ErrnoStatus(const std::string& what) { return absl::ErrnoToStatus(errno, what); }

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

absl::Status WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file.fail()) return ErrnoStatus(absl::StrCat("cannot write ", path));
  // Read by the server's user; holds no secret.
  fs::permissions(path, static_cast<fs::perms>(0644));
  return absl::OkStatus();
}

// A folder only `owner` enters. One that is there already must be exactly that.
absl::Status MakePrivateFolder(const std::string& path, const SystemUser& owner) {
  if (mkdir(path.c_str(), 0700) == 0) {
    if (chown(path.c_str(), owner.uid, owner.gid) == 0) return absl::OkStatus();
    return ErrnoStatus(absl::StrCat("cannot give ", path, " to ", owner.name));
  }
  if (errno != EEXIST) return ErrnoStatus(absl::StrCat("cannot make ", path));
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) return ErrnoStatus(absl::StrCat("cannot read ", path));
  if (S_ISDIR(found.st_mode) && found.st_uid == owner.uid && (found.st_mode & 077) == 0) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat(path, " must be a folder of system user ", owner.name, " with mode 0700"));
}

std::vector<std::string> WithParents(const fs::path& path) {
  std::vector<std::string> folders;
  for (fs::path folder = path; folder != folder.root_path(); folder = folder.parent_path()) {
    folders.push_back(folder);
  }
  std::reverse(folders.begin(), folders.end());
  return folders;
}

absl::Status CheckReachable(const std::string& path, const SystemUser& user) {
  if (geteuid() != 0) return absl::OkStatus();
  const absl::StatusOr<std::string> closed = FirstClosedFolder(user, WithParents(path));
  if (!closed.ok()) return closed.status();
  if (closed->empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the embedded database runs as system user ", user.name, ", which may not enter ", *closed,
      "; choose a folder it can reach (--database embedded:/var/lib/snapledger/postgres), or open "
      "the way with `chmod o+x ",
      *closed, "`"));
}

absl::StatusOr<int> TakeLock(const std::string& folder) {
  const std::string path = folder + "/service.lock";
  const int lock = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock < 0) return ErrnoStatus(absl::StrCat("cannot write ", path));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return absl::FailedPreconditionError(absl::StrCat(
        "the embedded database in ", folder, " is in use by process ",
        absl::StripAsciiWhitespace(ReadFile(path)),
        "; an embedded database serves one process: stop that one, or run a PostgreSQL server and "
        "give all processes --database postgresql://…"));
  }
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (ftruncate(lock, 0) != 0 || write(lock, pid.data(), pid.size()) < 0) {
    const absl::Status status = ErrnoStatus(absl::StrCat("cannot write ", path));
    close(lock);
    return status;
  }
  return lock;
}

bool NeedsNoQuotes(const std::string& path) {
  return std::all_of(path.begin(), path.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '/' || c == '.' || c == '_' || c == '-';
  });
}

std::string ShortSocketFolder(const std::string& path) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_Digest(path.data(), path.size(), digest, nullptr, EVP_sha256(), nullptr);
  const std::string name =
      absl::BytesToHexString({reinterpret_cast<const char*>(digest), sizeof(uint64_t)});
  const bool has_run = geteuid() == 0 && access("/run", W_OK) == 0;
  return absl::StrCat(has_run ? "/run" : "/tmp", "/snapledger-", name);
}

// A value in postgresql.conf.
std::string Quoted(const std::string& value) {
  std::string quoted = "'";
  for (const char c : value) quoted.append(c == '\'' ? "''" : std::string(1, c));
  return quoted + "'";
}

}  // namespace

absl::StatusOr<ClusterDirectory> ClusterDirectory::Open(const std::string& path,
                                                        const SystemUser& server_user) {
  std::error_code error;
  fs::create_directories(path, error);
  if (std::error_code absent; fs::exists(path, absent) && !fs::is_directory(path, absent)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is not a folder; name one for the embedded database"));
  }
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make the folder ", path, ": ", error.message()));
  }
  const fs::path canonical = fs::canonical(path, error);
  if (error) return absl::FailedPreconditionError(absl::StrCat(path, ": ", error.message()));
  if (absl::Status open = CheckReachable(canonical, server_user); !open.ok()) return open;
  const absl::StatusOr<int> lock = TakeLock(canonical);
  if (!lock.ok()) return lock.status();
  ClusterDirectory directory(canonical, server_user, *lock);
  if (absl::Status ours = directory.CheckContents(); !ours.ok()) return ours;
  if (absl::Status made = directory.MakeSocketFolder(); !made.ok()) return made;
  return directory;
}

ClusterDirectory::ClusterDirectory(ClusterDirectory&& other) noexcept
    : path_(std::move(other.path_)),
      socket_folder_(std::move(other.socket_folder_)),
      server_user_(std::move(other.server_user_)),
      lock_(std::exchange(other.lock_, -1)) {}

ClusterDirectory::~ClusterDirectory() {
  if (lock_ < 0) return;
  // One that had to be elsewhere goes with its last user; while a server runs it is not empty.
  if (!socket_folder_.starts_with(path_)) rmdir(socket_folder_.c_str());
  close(lock_);
}

absl::Status ClusterDirectory::CheckContents() const {
  std::error_code ignored;
  if (fs::exists(path_ + "/PG_VERSION", ignored)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path_, " is the data folder of a PostgreSQL server of its own; name another"));
  }
  if (fs::exists(data_folder(), ignored) && data_version().empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(data_folder(), " holds something else than a PostgreSQL cluster"));
  }
  return absl::OkStatus();
}

absl::Status ClusterDirectory::MakeSocketFolder() {
  socket_folder_ = path_ + "/socket";
  if (socket_folder_.size() + sizeof(kSocketName) - 1 > kSocketPathBytesMax ||
      !NeedsNoQuotes(socket_folder_)) {
    socket_folder_ = ShortSocketFolder(path_);
  }
  return MakePrivateFolder(socket_folder_, server_user_);
}

std::string ClusterDirectory::data_version() const {
  return std::string(absl::StripAsciiWhitespace(ReadFile(data_folder() + "/PG_VERSION")));
}

absl::Status ClusterDirectory::MakeNewDataFolder() const {
  std::error_code error;
  fs::remove_all(new_data_folder(), error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot remove ", new_data_folder(), ": ", error.message()));
  }
  return MakePrivateFolder(new_data_folder(), server_user_);
}

absl::Status ClusterDirectory::KeepNewDataFolder() const {
  if (rename(new_data_folder().c_str(), data_folder().c_str()) == 0) return absl::OkStatus();
  return ErrnoStatus(absl::StrCat("cannot rename ", new_data_folder()));
}

void ClusterDirectory::TurnLogOver() const {
  std::error_code ignored;  // there may be none yet
  const uintmax_t size = fs::file_size(log_file(), ignored);
  if (!ignored && size > kLogBytesMax) fs::rename(log_file(), log_file() + ".1", ignored);
}

std::string ClusterDirectory::IdentityText(const std::string& service_user) const {
  const auto line = [](const std::string& user, const std::string& role) {
    return absl::StrCat("service \"", user, "\" ", role, "\n");
  };
  return absl::StrCat(line(service_user, "postgres"), line(service_user, "snapledger"),
                      line(server_user_.name, "postgres"), line(server_user_.name, "snapledger"));
}

std::string ClusterDirectory::SettingsText(const Settings& settings) const {
  return absl::Substitute(kSettingsTemplate, Quoted(socket_folder_), Quoted(access_file()),
                          Quoted(identity_file()), settings.shared_buffers_megabytes,
                          settings.durable ? "on" : "off");
}

absl::Status ClusterDirectory::WriteSettings(const Settings& settings) const {
  TurnLogOver();
  const absl::StatusOr<SystemUser> service_user = CurrentSystemUser();
  if (!service_user.ok()) return service_user.status();
  // The socket's folder keeps everybody else out; that the server also asks the kernel who is there
  // guards against the folder having been opened.
  absl::Status written = WriteFile(access_file(), "local all all peer map=service\n");
  written.Update(WriteFile(identity_file(), IdentityText(service_user->name)));
  written.Update(WriteFile(settings_file(), SettingsText(settings)));
  return written;
}

std::optional<ClusterDirectory::ServerNote> ClusterDirectory::ReadServerNote() const {
  // Lines: pid, data folder, start time, port, socket folder, listen address, shared memory,
  // status.
  const std::vector<std::string> lines =
      absl::StrSplit(ReadFile(data_folder() + "/postmaster.pid"), '\n');
  ServerNote note;
  if (!absl::SimpleAtoi(lines[0], &note.pid) || note.pid <= 0) return std::nullopt;
  if (lines.size() > 4) note.socket_folder = lines[4];
  note.ready = lines.size() > 7 && absl::StripAsciiWhitespace(lines[7]) == "ready";
  return note;
}

absl::Status ClusterDirectory::RemoveServerNotes() const {
  for (const std::string& path :
       {data_folder() + "/postmaster.pid", absl::StrCat(socket_folder_, kSocketName, ".lock")}) {
    if (unlink(path.c_str()) != 0 && errno != ENOENT) {
      return ErrnoStatus(absl::StrCat("cannot remove ", path));
    }
  }
  return absl::OkStatus();
}

std::vector<pid_t> ClusterDirectory::ProcessesInside() const {
  std::vector<pid_t> inside;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    pid_t pid = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &pid)) continue;
    // Processes of others cannot be read; none of theirs is a server of ours.
    const fs::path folder = fs::read_symlink(entry.path() / "cwd", ignored);
    if (folder == data_folder() || folder == new_data_folder()) inside.push_back(pid);
  }
  return inside;
}

std::string ClusterDirectory::TailOfLog() const {
  const std::string log = ReadFile(log_file());
  return log.substr(log.size() > kLogTailBytes ? log.size() - kLogTailBytes : 0);
}

}  // namespace snapledger::storage
