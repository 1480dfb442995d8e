#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/emulator/stream.h"

namespace snapledger::emulator {

struct HttpRequest {
  std::string method;
  std::string path;
  std::string query;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  bool keep_alive = true;

  // The value of the first header of that lower-case name.
  absl::string_view Header(absl::string_view name) const;
};

struct HttpAnswer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string content_type = "application/json";
};

// The status line and headers of an answer, blank line included. `length` is announced as
// Content-Length, or Transfer-Encoding: chunked where there is none.
std::string RenderHead(const HttpAnswer& answer, std::optional<size_t> length, bool keep_alive);

// How reading a request ended.
enum class ReadEnd {
  kOk,
  kClosed,  // no request, or only a part of one, before the connection ended
  kBad,     // not HTTP
  kHeadTooBig,
  kBodyTooBig,
};

// Reads one request after the other from a connection. For one thread.
class HttpReader {
 public:
  struct Limits {
    size_t head_bytes_max = 16 << 10;
    size_t body_bytes_max = 8 << 20;
    absl::Duration idle = absl::Seconds(60);  // between requests
    absl::Duration step = absl::Seconds(30);  // between two pieces of a request
  };

  HttpReader(Stream& stream, const Limits& limits) : stream_(stream), limits_(limits) {}

  // Everything up to the body.
  ReadEnd ReadHead(HttpRequest& request);
  // The body of the request whose head was read last.
  ReadEnd ReadBody(HttpRequest& request);

 private:
  // Appends what the connection has to give. False at its end.
  bool Fill(absl::Duration timeout);
  ReadEnd ReadLength(size_t length, HttpRequest& request);
  ReadEnd ReadChunks(HttpRequest& request);
  ReadEnd ReadLine(std::string& line);

  Stream& stream_;
  const Limits limits_;
  std::string buffer_;  // read, not yet used
};

}  // namespace snapledger::emulator
