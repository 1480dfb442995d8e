#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "storage/child_process.h"
#include "storage/cluster_directory.h"
#include "storage/write_back.h"

namespace snapledger::storage {

// A PostgreSQL cluster of one folder, private to this process: made on first use, reached over a
// unix socket that only its own system user and root can open, stopped with this object. Where this
// process is root, the server runs as the system user `postgres`, which must be able to enter the
// folder.
//
// A killed process leaves its server running and the data whole: the next Start on the folder takes
// that server over if it answers, and restarts it otherwise. Thread-safe.
class EmbeddedCluster {
 public:
  struct Options {
    int shared_buffers_megabytes = 256;
    // False gives up what survives a crash of the machine or the server. Tests only.
    bool durable = true;
    std::string server_user = "postgres";          // used where this process is root
    absl::Duration start_max = absl::Minutes(10);  // recovery after a crash included
  };

  // FAILED_PRECONDITION: another process has the folder, its number is named; or the server's user
  // cannot reach it. NOT_FOUND: PostgreSQL or its user is not installed.
  static absl::StatusOr<std::unique_ptr<EmbeddedCluster>> Start(const std::string& directory,
                                                                const Options& options);
  EmbeddedCluster(const EmbeddedCluster&) = delete;
  EmbeddedCluster& operator=(const EmbeddedCluster&) = delete;
  ~EmbeddedCluster();  // stops

  // Database `snapledger` as role `snapledger`, which owns it and nothing else.
  std::string url() const { return UrlOf("snapledger", "snapledger"); }
  // Database `postgres` as the superuser.
  std::string administrator_url() const { return UrlOf("postgres", "postgres"); }

  // Starts the server again where it has ended. Cheap where it runs; for a periodic call.
  absl::Status EnsureRunning();
  // Ends all sessions and the server, in order. Idempotent.
  absl::Status Stop();

  pid_t server_pid() const;

 private:
  EmbeddedCluster(ClusterDirectory directory, std::string programs, SystemUser server_user,
                  Options options)
      : directory_(std::move(directory)),
        programs_(std::move(programs)),
        server_user_(std::move(server_user)),
        options_(std::move(options)) {}

  std::string UrlOf(const std::string& role, const std::string& database) const;
  ChildCommand CommandOf(std::vector<std::string> arguments) const;
  absl::Status Initialize() const;
  absl::Status StartServer() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The server a killed process left, if there is one and it answers.
  absl::StatusOr<std::optional<ProcessHandle>> TakeOver() const;
  absl::StatusOr<ProcessHandle> Launch() const;
  absl::Status WaitUntilReady(const ProcessHandle& server) const;
  absl::Status StopServer(const ProcessHandle& server) const;
  absl::Status WaitUntilDeserted() const;
  absl::Status CreateDatabase() const;

  const ClusterDirectory directory_;
  const std::string programs_;
  const SystemUser server_user_;
  const Options options_;
  mutable absl::Mutex mutex_;
  std::optional<ProcessHandle> server_ ABSL_GUARDED_BY(mutex_);
  std::optional<WriteBack> write_back_;  // where durable
};

}  // namespace snapledger::storage
