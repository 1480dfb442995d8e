#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "services/base/secret.h"

namespace snapledger::snap {

// One request to Snap. `body` is sent exactly as it is; kStats is a GET and has none.
struct SnapRequest {
  enum class Endpoint { kEvents, kValidate, kStats };
  Endpoint endpoint = Endpoint::kEvents;
  std::string asset_id;  // the Pixel ID or Snap App ID in the path; escaped by the client
  base::Secret access_token;
  std::string_view body;
  absl::Duration timeout = absl::Seconds(10);         // of the whole request
  absl::Duration connect_timeout = absl::Seconds(3);  // part of it
  bool gzip = false;
};

// How far a request got. kNotSent is only said where it is certain that no byte of the request left
// this process: no address, no connection, TLS not established.
enum class Transport { kAnswered, kNotSent, kBroken };

// What came back. Never holds the token or a URL.
struct SnapReply {
  Transport transport = Transport::kBroken;
  int http_status = 0;         // 0: no complete status line
  bool body_complete = false;  // the answer ended as its framing said it would
  std::string body;            // at most kReplyBytesMax
  bool body_truncated = false;
  std::optional<std::string> retry_after;  // the header's text
  std::string error;                       // of the transport, readable; empty where there is none
  absl::Duration elapsed;
};

inline constexpr size_t kReplyBytesMax = size_t{1} << 20;

// Sends one request and returns what came back; it never retries and never follows a redirect.
// Thread-safe; blocks the caller for at most the request's timeout.
class SnapClient {
 public:
  virtual ~SnapClient() = default;
  virtual SnapReply Send(const SnapRequest& request) = 0;
};

}  // namespace snapledger::snap
