#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "services/snap/client.h"

namespace snapledger::snap {

// One libcurl handle with the one connection it keeps. For one thread at a time.
class CurlHandle {
 public:
  CurlHandle();

  // Sends one request to `base_url`, once: whatever libcurl would do a second time on its own is
  // stopped. `ca_file` is trusted beside the system's authorities; empty: none.
  SnapReply Send(const SnapRequest& request, const std::string& base_url,
                 const std::string& ca_file);

  // False after anything but a complete answer: then the handle must be thrown away, its connection
  // may be in any state.
  bool reusable() const { return reusable_; }

 private:
  struct FreeHandle {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };

  std::unique_ptr<CURL, FreeHandle> handle_;
  bool reusable_ = true;
};

}  // namespace snapledger::snap
