#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/child_process.h"

namespace snapledger::bench {

// A running `snapledger serve`, ended with this object or with the process that started it.
class ServiceProcess {
 public:
  struct Options {
    std::string program;  // the path of snapledger
    std::string folder;   // for its ready file and its log
    std::string database_url;
    std::string key_file;
    std::string snap_url;
    std::string snap_ca;
    std::string roles;
  };

  // Returns once it serves; with the end of its log where it does not.
  static absl::StatusOr<std::unique_ptr<ServiceProcess>> Start(const Options& options);
  ServiceProcess(const ServiceProcess&) = delete;
  ServiceProcess& operator=(const ServiceProcess&) = delete;
  ~ServiceProcess();

  const std::string& address() const { return address_; }
  pid_t pid() const { return handle_.pid(); }

 private:
  ServiceProcess(storage::ProcessHandle handle, std::string address)
      : handle_(std::move(handle)), address_(std::move(address)) {}

  storage::ProcessHandle handle_;
  std::string address_;
};

}  // namespace snapledger::bench
