#include "services/emulator/http.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace snapledger::emulator {
namespace {

constexpr size_t kReadBytes = 64 << 10;

absl::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 302:
      return "Found";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Payload Too Large";
    case 415:
      return "Unsupported Media Type";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

bool ParseRequestLine(absl::string_view line, HttpRequest& request) {
  const std::vector<absl::string_view> parts = absl::StrSplit(line, ' ');
  if (parts.size() != 3 || !absl::StartsWith(parts[1], "/")) return false;
  if (parts[2] != "HTTP/1.1" && parts[2] != "HTTP/1.0") return false;
  const std::pair<absl::string_view, absl::string_view> target =
      absl::StrSplit(parts[1], absl::MaxSplits('?', 1));
  request.method = std::string(parts[0]);
  request.path = std::string(target.first);
  request.query = std::string(target.second);
  request.keep_alive = parts[2] == "HTTP/1.1";
  return true;
}

bool ParseHead(absl::string_view head, HttpRequest& request) {
  const std::vector<absl::string_view> lines = absl::StrSplit(head, "\r\n");
  if (!ParseRequestLine(lines[0], request)) return false;
  for (size_t i = 1; i < lines.size(); ++i) {
    const size_t colon = lines[i].find(':');
    if (colon == absl::string_view::npos || colon == 0) return false;
    request.headers.emplace_back(
        absl::AsciiStrToLower(lines[i].substr(0, colon)),
        std::string(absl::StripAsciiWhitespace(lines[i].substr(colon + 1))));
  }
  const absl::string_view connection = request.Header("connection");
  if (absl::EqualsIgnoreCase(connection, "close")) request.keep_alive = false;
  if (absl::EqualsIgnoreCase(connection, "keep-alive")) request.keep_alive = true;
  return true;
}

}  // namespace

absl::string_view HttpRequest::Header(absl::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [name](const auto& header) { return header.first == name; });
  return found == headers.end() ? absl::string_view() : found->second;
}

std::string RenderHead(const HttpAnswer& answer, std::optional<size_t> length, bool keep_alive) {
  std::string head = absl::StrCat("HTTP/1.1 ", answer.status, " ", ReasonPhrase(answer.status),
                                  "\r\nContent-Type: ", answer.content_type, "\r\n");
  if (length.has_value()) {
    absl::StrAppend(&head, "Content-Length: ", *length, "\r\n");
  } else {
    absl::StrAppend(&head, "Transfer-Encoding: chunked\r\n");
  }
  for (const auto& [name, value] : answer.headers)
    absl::StrAppend(&head, name, ": ", value, "\r\n");
  if (!keep_alive) absl::StrAppend(&head, "Connection: close\r\n");
  absl::StrAppend(&head, "\r\n");
  return head;
}

bool HttpReader::Fill(absl::Duration timeout) {
  const size_t used = buffer_.size();
  buffer_.resize(used + kReadBytes);
  const absl::StatusOr<size_t> count = stream_.Read(buffer_.data() + used, kReadBytes, timeout);
  buffer_.resize(used + (count.ok() ? *count : 0));
  return count.ok() && *count > 0;
}

ReadEnd HttpReader::ReadHead(HttpRequest& request) {
  request = HttpRequest();
  absl::Duration timeout = limits_.idle;
  size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (buffer_.size() > limits_.head_bytes_max) return ReadEnd::kHeadTooBig;
    if (!Fill(timeout)) return ReadEnd::kClosed;
    timeout = limits_.step;
  }
  if (end > limits_.head_bytes_max) return ReadEnd::kHeadTooBig;
  const bool parsed = ParseHead(absl::string_view(buffer_).substr(0, end), request);
  buffer_.erase(0, end + 4);
  return parsed ? ReadEnd::kOk : ReadEnd::kBad;
}

ReadEnd HttpReader::ReadBody(HttpRequest& request) {
  const absl::string_view length_text = request.Header("content-length");
  const bool chunked = absl::EqualsIgnoreCase(request.Header("transfer-encoding"), "chunked");
  size_t length = 0;
  if (!chunked && !length_text.empty() && !absl::SimpleAtoi(length_text, &length)) {
    return ReadEnd::kBad;
  }
  if (length > limits_.body_bytes_max) return ReadEnd::kBodyTooBig;
  if (absl::EqualsIgnoreCase(request.Header("expect"), "100-continue") &&
      !stream_.Write("HTTP/1.1 100 Continue\r\n\r\n", limits_.step).ok()) {
    return ReadEnd::kClosed;
  }
  return chunked ? ReadChunks(request) : ReadLength(length, request);
}

ReadEnd HttpReader::ReadLength(size_t length, HttpRequest& request) {
  const size_t have = std::min(length, buffer_.size());
  std::string& body = request.body;
  const size_t before = body.size();
  body.resize(before + length);
  std::copy_n(buffer_.begin(), have, body.begin() + static_cast<ptrdiff_t>(before));
  buffer_.erase(0, have);
  for (size_t filled = have; filled < length;) {
    const absl::StatusOr<size_t> count =
        stream_.Read(body.data() + before + filled, length - filled, limits_.step);
    if (!count.ok() || *count == 0) return ReadEnd::kClosed;
    filled += *count;
  }
  return ReadEnd::kOk;
}

ReadEnd HttpReader::ReadLine(std::string& line) {
  size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (buffer_.size() > limits_.head_bytes_max) return ReadEnd::kBad;
    if (!Fill(limits_.step)) return ReadEnd::kClosed;
  }
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return ReadEnd::kOk;
}

ReadEnd HttpReader::ReadChunks(HttpRequest& request) {
  std::string line;
  while (true) {
    ReadEnd end = ReadLine(line);
    if (end != ReadEnd::kOk) return end;
    size_t length = 0;
    const absl::string_view digits = absl::string_view(line).substr(0, line.find(';'));
    if (!absl::SimpleHexAtoi(absl::StripAsciiWhitespace(digits), &length)) return ReadEnd::kBad;
    if (length > limits_.body_bytes_max - request.body.size()) return ReadEnd::kBodyTooBig;
    if (length == 0) break;
    if ((end = ReadLength(length, request)) != ReadEnd::kOk) return end;
    if ((end = ReadLine(line)) != ReadEnd::kOk) return end;
    if (!line.empty()) return ReadEnd::kBad;
  }
  // Trailers are read up to the blank line and dropped.
  ReadEnd end = ReadEnd::kOk;
  do {
    end = ReadLine(line);
  } while (end == ReadEnd::kOk && !line.empty());
  return end;
}

}  // namespace snapledger::emulator
