#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>

#include "services/snap/client.h"
#include "services/snap/curl_connection.h"
#include "services/snap/cut_time.h"

namespace snapledger::snap {

// One libcurl handle with the one connection it keeps. For one thread at a time.
class CurlHandle {
 public:
  // `ca_file` is trusted beside the system's authorities; empty: none. All must outlive this.
  CurlHandle(const std::string& base_url, const std::string& ca_file, const CutTime& cut_time);

  // Sends one request with `body` in place of the request's own, once: whatever libcurl would do a
  // second time by itself is stopped.
  SnapReply Send(const SnapRequest& request, std::string_view body);

  // False after anything but a complete answer to a complete request: then the handle must be
  // thrown away, its connection may be in any state.
  bool reusable() const { return reusable_; }

  // True where the connection kept from an earlier send has ended, or has something to read though
  // nothing was asked. Sending on it would be a doubt for nothing; libcurl does not see it.
  bool IsStale() const;

 private:
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  using HeaderList = std::unique_ptr<curl_slist, FreeList>;

  void SetRequestOptions(const SnapRequest& request, size_t body_bytes);
  CURLcode SetUrl(const SnapRequest& request);
  CURLcode Perform(const SnapRequest& request, size_t body_bytes);

  const std::string& base_url_;
  const CutTime& cut_time_;
  const HeaderList plain_headers_;
  const HeaderList gzip_headers_;
  const CurlPointer handle_;
  bool reusable_ = true;
};

}  // namespace snapledger::snap
