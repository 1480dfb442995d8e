#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/bench/ledger_database.h"
#include "services/bench/options.h"
#include "services/bench/service_process.h"
#include "services/bench/tls_sink.h"

namespace snapledger::bench {

// What a run needs beside its client: a fresh ledger, a sink that stands for Snap, and services on
// them, one at a time. All gone when this ends.
class Deployment {
 public:
  static absl::StatusOr<std::unique_ptr<Deployment>> Start(const Options& options);
  Deployment(const Deployment&) = delete;
  Deployment& operator=(const Deployment&) = delete;
  ~Deployment();

  // Ends the service that runs, if any, and starts one with these roles.
  absl::Status StartService(const std::string& roles);
  // Until another starts there is no service().
  void StopService() { service_.reset(); }

  LedgerDatabase& database() { return *database_; }
  TlsSink& sink() { return *sink_; }
  ServiceProcess& service() { return *service_; }
  // On the disk of an embedded database, else of temporary files.
  const std::string& folder() const { return folder_; }

 private:
  explicit Deployment(const Options& options) : options_(options) {}
  absl::Status MakeFolder();
  absl::Status WriteFiles() const;

  const Options& options_;
  std::string folder_;
  std::unique_ptr<LedgerDatabase> database_;
  std::unique_ptr<TlsSink> sink_;
  std::unique_ptr<ServiceProcess> service_;
};

}  // namespace snapledger::bench
