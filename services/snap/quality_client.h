#pragma once

#include <string>

#include "absl/time/time.h"
#include "services/base/secret.h"

namespace snapledger::snap {

// Asks Snap for the event quality scores of one asset.
struct QualityRequest {
  bool app = false;      // a Snap App ID rather than a Pixel ID
  std::string asset_id;  // escaped by the client
  base::Secret access_token;
  absl::Duration timeout = absl::Seconds(10);         // of the whole request
  absl::Duration connect_timeout = absl::Seconds(3);  // part of it
};

// What came back. Never holds the token or a URL.
struct QualityReply {
  int http_status = 0;  // 0: no complete answer
  std::string body;     // at most kReplyBytesMax
  std::string error;    // of the transport, readable; empty where there is an answer
};

// Asks once: never repeats and never follows a redirect. Thread-safe; blocks the caller for at most
// the request's timeout.
class QualityClient {
 public:
  virtual ~QualityClient() = default;
  virtual QualityReply Fetch(const QualityRequest& request) = 0;
};

}  // namespace snapledger::snap
