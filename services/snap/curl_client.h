#pragma once

#include <memory>
#include <string>

#include "services/snap/client.h"
#include "services/snap/cut_time.h"

namespace snapledger::snap {

// SnapClient over libcurl: HTTP/1.1 with keep-alive over TLS 1.2 or newer, certificates verified.
class CurlSnapClient final : public SnapClient {
 public:
  struct Options {
    std::string base_url = "https://tr.snapchat.com";
    std::string ca_file;            // extra certificate authority; empty: the system's
    int idle_connections_max = 16;  // handles kept for reuse
  };

  explicit CurlSnapClient(Options options);
  ~CurlSnapClient() override;

  SnapReply Send(const SnapRequest& request) override;

  // From this moment of the monotonic clock on, requests under way are cut, within a second, and
  // others are not sent.
  void CutFrom(absl::Duration monotonic);

 private:
  class HandlePool;
  const Options options_;
  CutTime cut_time_;
  std::unique_ptr<HandlePool> pool_;
};

}  // namespace snapledger::snap
