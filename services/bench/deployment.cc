#include "services/bench/deployment.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "services/base/status_macros.h"
#include "services/security/key_file.h"

namespace snapledger::bench {
namespace {

// The server's user must be able to pass through it.
constexpr mode_t kFolderMode = 0755;

}  // namespace

absl::StatusOr<std::unique_ptr<Deployment>> Deployment::Start(const Options& options) {
  std::unique_ptr<Deployment> deployment(new Deployment(options));
  SNAPLEDGER_RETURN_IF_ERROR(deployment->MakeFolder());
  const std::string database =
      options.database.empty() ? "embedded:" + deployment->folder_ + "/postgres" : options.database;
  SNAPLEDGER_ASSIGN_OR_RETURN(deployment->database_, LedgerDatabase::Make(database));
  SNAPLEDGER_ASSIGN_OR_RETURN(deployment->sink_, TlsSink::Start());
  SNAPLEDGER_RETURN_IF_ERROR(deployment->WriteFiles());
  return deployment;
}

Deployment::~Deployment() {
  service_.reset();
  sink_.reset();
  database_.reset();
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

absl::Status Deployment::MakeFolder() {
  std::string path = std::filesystem::temp_directory_path() / "snapledger-bench-XXXXXX";
  if (mkdtemp(path.data()) == nullptr || chmod(path.c_str(), kFolderMode) != 0) {
    return absl::ErrnoToStatus(errno, "cannot make a temporary folder");
  }
  folder_ = path;
  return absl::OkStatus();
}

absl::Status Deployment::WriteFiles() const {
  std::ofstream authority(folder_ + "/ca.pem");
  authority << sink_->ca_pem();
  authority.close();
  if (!authority) return absl::UnavailableError("cannot write in " + folder_);
  return security::CreateKeyFile(folder_ + "/keys");
}

absl::Status Deployment::StartService(const std::string& roles) {
  service_.reset();
  SNAPLEDGER_ASSIGN_OR_RETURN(service_, ServiceProcess::Start({.program = options_.service_program,
                                                               .folder = folder_,
                                                               .database_url = database_->url(),
                                                               .key_file = folder_ + "/keys",
                                                               .snap_url = sink_->url(),
                                                               .snap_ca = folder_ + "/ca.pem",
                                                               .roles = roles}));
  return absl::OkStatus();
}

}  // namespace snapledger::bench
