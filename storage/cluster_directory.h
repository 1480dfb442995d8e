#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/child_process.h"

namespace snapledger::storage {

// The folder of an embedded cluster:
//   data/              what initdb made; belongs to the server's user, 0700
//   socket/            the server's unix socket, 0700; elsewhere where the path would be too long
//   postgresql.conf, pg_hba.conf, pg_ident.conf   written anew at each start
//   server.log         what the server and initdb print; server.log.1 is the one before
//   service.lock       held by the process the cluster belongs to
class ClusterDirectory {
 public:
  // Makes the folder where it is missing and takes its lock. FAILED_PRECONDITION: another process
  // holds it (named by its number), or `server_user` may not enter the folder, or it holds
  // something else.
  static absl::StatusOr<ClusterDirectory> Open(const std::string& path,
                                               const SystemUser& server_user);
  ClusterDirectory(ClusterDirectory&& other) noexcept;
  ClusterDirectory& operator=(ClusterDirectory&&) = delete;
  ~ClusterDirectory();

  const std::string& path() const { return path_; }
  const std::string& socket_folder() const { return socket_folder_; }
  std::string data_folder() const { return path_ + "/data"; }
  std::string new_data_folder() const { return path_ + "/data.new"; }
  std::string log_file() const { return path_ + "/server.log"; }
  std::string settings_file() const { return path_ + "/postgresql.conf"; }

  // "15" where initdb has run, else empty.
  std::string data_version() const;
  // An empty folder for initdb to fill; what an interrupted one left is removed.
  absl::Status MakeNewDataFolder() const;
  // Makes what initdb filled the data folder: from here on the cluster exists.
  absl::Status KeepNewDataFolder() const;

  struct Settings {
    int shared_buffers_megabytes = 256;
    bool durable = true;
  };
  absl::Status WriteSettings(const Settings& settings) const;

  // What the server says of itself in postmaster.pid.
  struct ServerNote {
    pid_t pid = 0;
    std::string socket_folder;
    bool ready = false;
  };
  std::optional<ServerNote> ReadServerNote() const;
  // Removes postmaster.pid and the socket's lock: only once no process works in the data folder.
  absl::Status RemoveServerNotes() const;
  // Processes whose working folder is the data folder, or that in the making: a server's and its
  // children, or those of initdb.
  std::vector<pid_t> ProcessesInside() const;

  std::string TailOfLog() const;

 private:
  ClusterDirectory(std::string path, SystemUser server_user, int lock)
      : path_(std::move(path)), server_user_(std::move(server_user)), lock_(lock) {}

  absl::Status CheckContents() const;
  absl::Status MakeSocketFolder();
  void TurnLogOver() const;
  std::string access_file() const { return path_ + "/pg_hba.conf"; }
  std::string identity_file() const { return path_ + "/pg_ident.conf"; }
  std::string IdentityText(const std::string& service_user) const;
  std::string SettingsText(const Settings& settings) const;

  std::string path_;
  std::string socket_folder_;
  SystemUser server_user_;
  int lock_;
};

}  // namespace snapledger::storage
