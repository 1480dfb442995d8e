#pragma once

#include <string>

namespace snapledger::support {

// Stops the server of an embedded cluster and removes the cluster's folder where this process ends
// without having done so: crashed, or killed for its time limit. It learns of the end by the pipe
// it reads. With this object the guard goes.
class ClusterGuard {
 public:
  // The folder EmbeddedCluster was started with. Throws std::runtime_error.
  explicit ClusterGuard(const std::string& folder);
  ClusterGuard(const ClusterGuard&) = delete;
  ClusterGuard& operator=(const ClusterGuard&) = delete;
  ~ClusterGuard();

 private:
  int write_end_ = -1;
};

}  // namespace snapledger::support
