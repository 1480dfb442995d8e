#include "services/snap/curl_exchange.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "services/base/text.h"
#include "services/snap/curl_option.h"

namespace snapledger::snap {
namespace {

constexpr size_t kHeaderBytesMax = size_t{64} << 10;
constexpr size_t kRetryAfterBytesMax = 64;
constexpr absl::string_view kRetryAfter = "retry-after:";
constexpr int kSwitchingProtocols = 101;

std::string_view Stripped(std::string_view text) {
  return base::AsStd(absl::StripAsciiWhitespace(base::AsAbsl(text)));
}

}  // namespace

void CurlExchange::Attach(CURL* handle) {
  // A body libcurl cannot rewind: without a seek function it has no way to send it again.
  SetCurlOption(handle, CURLOPT_READFUNCTION, &CurlExchange::OnSend);
  SetCurlOption(handle, CURLOPT_READDATA, this);
  SetCurlOption(handle, CURLOPT_HEADERFUNCTION, &CurlExchange::OnHeader);
  SetCurlOption(handle, CURLOPT_HEADERDATA, this);
  SetCurlOption(handle, CURLOPT_WRITEFUNCTION, &CurlExchange::OnBody);
  SetCurlOption(handle, CURLOPT_WRITEDATA, this);
  SetCurlOption(handle, CURLOPT_PREREQFUNCTION, &CurlExchange::OnRequest);
  SetCurlOption(handle, CURLOPT_PREREQDATA, this);
  SetCurlOption(handle, CURLOPT_XFERINFOFUNCTION, &CurlExchange::OnProgress);
  SetCurlOption(handle, CURLOPT_XFERINFODATA, this);
  SetCurlOption(handle, CURLOPT_NOPROGRESS, 0L);
}

SnapReply CurlExchange::Conclude(CURL* handle, CURLcode result, const SnapRequest& request,
                                 bool* reusable) && {
  reply_.transport = HowFar(handle, result);
  reply_.body_complete = reply_.transport == Transport::kAnswered;
  if (reply_.transport != Transport::kAnswered) reply_.error = Explain(result, request);
  *reusable = reply_.transport == Transport::kAnswered && AllUploaded(handle);
  return std::move(reply_);
}

size_t CurlExchange::OnSend(char* to, size_t size, size_t count, void* self) {
  auto* const exchange = static_cast<CurlExchange*>(self);
  exchange->body_asked_for_ = true;
  const size_t given = std::min(size * count, exchange->unsent_.size());
  std::memcpy(to, exchange->unsent_.data(), given);
  exchange->unsent_.remove_prefix(given);
  return given;
}

size_t CurlExchange::OnHeader(char* line, size_t size, size_t count, void* self) {
  auto* const exchange = static_cast<CurlExchange*>(self);
  const size_t bytes = size * count;
  exchange->header_bytes_ += bytes;
  if (exchange->header_bytes_ > kHeaderBytesMax) return 0;
  exchange->ReadHeader(std::string_view(line, bytes));
  return bytes;
}

size_t CurlExchange::OnBody(char* data, size_t size, size_t count, void* self) {
  SnapReply& reply = static_cast<CurlExchange*>(self)->reply_;
  const size_t bytes = size * count;
  const size_t kept = std::min(bytes, kReplyBytesMax - reply.body.size());
  reply.body.append(data, kept);
  reply.body_truncated = kept < bytes;
  return kept;
}

// libcurl asks before it writes a request to a connection that stands: not having been asked proves
// that nothing of the request left, and a second question in one exchange is a repeat of its own.
int CurlExchange::OnRequest(void* self, char* /*remote_ip*/, char* /*local_ip*/,
                            int /*remote_port*/, int /*local_port*/) {
  auto* const exchange = static_cast<CurlExchange*>(self);
  if (exchange->started_) return CURL_PREREQFUNC_ABORT;
  exchange->started_ = true;
  return CURL_PREREQFUNC_OK;
}

// libcurl asks at least once a second.
int CurlExchange::OnProgress(void* self, curl_off_t /*to_download*/, curl_off_t /*downloaded*/,
                             curl_off_t /*to_upload*/, curl_off_t /*uploaded*/) {
  auto* const exchange = static_cast<CurlExchange*>(self);
  exchange->cut_ = exchange->cut_time_.Passed();
  return exchange->cut_ ? 1 : 0;
}

void CurlExchange::ReadHeader(std::string_view line) {
  if (headers_ended_) return;  // a trailer
  line = Stripped(line);
  if (line.starts_with("HTTP/")) {
    StartAnswer(line);
  } else if (line.empty()) {
    headers_ended_ = !interim_;
  } else if (!interim_ && absl::StartsWithIgnoreCase(base::AsAbsl(line), kRetryAfter)) {
    const std::string_view value = Stripped(line.substr(kRetryAfter.size()));
    if (value.size() <= kRetryAfterBytesMax) reply_.retry_after = std::string(value);
  }
}

void CurlExchange::StartAnswer(std::string_view status_line) {
  int status = 0;
  const size_t space = status_line.find(' ');
  if (space != std::string_view::npos &&
      !absl::SimpleAtoi(base::AsAbsl(status_line.substr(space + 1, 3)), &status)) {
    status = 0;
  }
  interim_ = status >= 100 && status < 200 && status != kSwitchingProtocols;
  reply_.http_status = interim_ ? 0 : status;
  reply_.retry_after.reset();
}

Transport CurlExchange::HowFar(CURL* handle, CURLcode result) const {
  if (result == CURLE_OK && headers_ended_) {
    // An answer that says yes to a request it has not read is not believed.
    const bool success = reply_.http_status / 100 == 2;
    return success && !AllUploaded(handle) ? Transport::kBroken : Transport::kAnswered;
  }
  long request_bytes = -1;
  curl_off_t uploaded_bytes = -1;
  curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &request_bytes);
  curl_easy_getinfo(handle, CURLINFO_SIZE_UPLOAD_T, &uploaded_bytes);
  const bool untouched = !started_ && !body_asked_for_ && request_bytes == 0 && uploaded_bytes == 0;
  return untouched ? Transport::kNotSent : Transport::kBroken;
}

bool CurlExchange::AllUploaded(CURL* handle) const {
  curl_off_t uploaded_bytes = -1;
  curl_easy_getinfo(handle, CURLINFO_SIZE_UPLOAD_T, &uploaded_bytes);
  return uploaded_bytes == static_cast<curl_off_t>(body_bytes_);
}

std::string CurlExchange::Explain(CURLcode result, const SnapRequest& request) const {
  if (reply_.body_truncated) {
    return base::Concat("the answer is larger than ", kReplyBytesMax, " bytes");
  }
  if (header_bytes_ > kHeaderBytesMax) return "the answer's headers are too large";
  if (result == CURLE_OPERATION_TIMEDOUT) {
    if (started_) {
      return base::Concat("no complete answer within ", absl::FormatDuration(request.timeout));
    }
    const absl::Duration limit = std::min(request.connect_timeout, request.timeout);
    return base::Concat("no connection within ", absl::FormatDuration(limit));
  }
  if (result == CURLE_ABORTED_BY_CALLBACK && cut_) return "cut: the service stops";
  if (result == CURLE_OK && !headers_ended_) return "the answer was cut";
  if (result == CURLE_OK) return "answered before the request was sent";
  if (result == CURLE_ABORTED_BY_CALLBACK || result == CURLE_SEND_FAIL_REWIND) {
    return "the connection ended without an answer";
  }
  // Not CURLOPT_ERRORBUFFER: its text may quote the URL, and the URL holds the token.
  return curl_easy_strerror(result);
}

}  // namespace snapledger::snap
