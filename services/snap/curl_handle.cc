#include "services/snap/curl_handle.h"

#include <poll.h>

#include <initializer_list>
#include <utility>

#include "absl/strings/strip.h"
#include "services/base/check.h"
#include "services/base/clock.h"
#include "services/base/text.h"
#include "services/snap/curl_connection.h"
#include "services/snap/curl_exchange.h"
#include "services/snap/curl_option.h"

namespace snapledger::snap {
namespace {

curl_slist* NewHeaders(std::initializer_list<const char*> lines) {
  curl_slist* list = nullptr;
  for (const char* line : lines) {
    list = curl_slist_append(list, line);
    SNAPLEDGER_CHECK(list != nullptr);
  }
  return list;
}

std::string_view PathOf(SnapRequest::Endpoint endpoint) {
  switch (endpoint) {
    case SnapRequest::Endpoint::kValidate:
      return "/events/validate";
    case SnapRequest::Endpoint::kStats:
      return "/events/validate/stats";
    case SnapRequest::Endpoint::kEvents:
      break;
  }
  return "/events";
}

}  // namespace

CurlHandle::CurlHandle(const std::string& base_url, const std::string& ca_file,
                       const CutTime& cut_time)
    : base_url_(base_url),
      cut_time_(cut_time),
      // An empty Expect keeps libcurl from waiting for "100 Continue" before it sends the body.
      plain_headers_(NewHeaders({"Content-Type: application/json", "Expect:"})),
      gzip_headers_(
          NewHeaders({"Content-Type: application/json", "Expect:", "Content-Encoding: gzip"})),
      handle_(NewCurl()) {
  SetConnectionOptions(handle_.get(), ca_file);
}

void CurlHandle::SetRequestOptions(const SnapRequest& request, size_t body_bytes) {
  CURL* const handle = handle_.get();
  if (request.endpoint == SnapRequest::Endpoint::kStats) {
    SetCurlOption(handle, CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
    SetCurlOption(handle, CURLOPT_HTTPGET, 1L);
  } else {
    SetCurlOption(handle, CURLOPT_HTTPHEADER,
                  request.gzip ? gzip_headers_.get() : plain_headers_.get());
    SetCurlOption(handle, CURLOPT_POST, 1L);
    SetCurlOption(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_bytes));
  }
  SetTimeouts(handle, request.timeout, request.connect_timeout);
}

bool CurlHandle::IsStale() const {
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(handle_.get(), CURLINFO_ACTIVESOCKET, &socket);
  if (socket == CURL_SOCKET_BAD) return false;
  pollfd poll_socket{socket, POLLIN, 0};
  return poll(&poll_socket, 1, 0) != 0;
}

CURLcode CurlHandle::SetUrl(const SnapRequest& request) {
  std::string token = EscapeForUrl(handle_.get(), request.access_token.Reveal());
  const std::string start = base::Concat(absl::StripSuffix(base_url_, "/"), "/v3/",
                                         EscapeForUrl(handle_.get(), request.asset_id),
                                         PathOf(request.endpoint), "?access_token=");
  std::string url = base::Concat(start, token);
  const CURLcode result = curl_easy_setopt(handle_.get(), CURLOPT_URL, url.c_str());
  Wipe(token);
  Wipe(url);
  return result;
}

CURLcode CurlHandle::Perform(const SnapRequest& request, size_t body_bytes) {
  SetRequestOptions(request, body_bytes);
  const CURLcode url_set = SetUrl(request);
  if (url_set != CURLE_OK) return url_set;
  const CURLcode result = curl_easy_perform(handle_.get());
  // An idle handle keeps no token.
  SetCurlOption(handle_.get(), CURLOPT_URL, static_cast<const char*>(nullptr));
  return result;
}

SnapReply CurlHandle::Send(const SnapRequest& request, std::string_view body) {
  const absl::Duration start = base::Clock::Real().Monotonic();
  CurlExchange exchange(body, cut_time_);
  exchange.Attach(handle_.get());
  const CURLcode result = Perform(request, body.size());
  SnapReply reply = std::move(exchange).Conclude(handle_.get(), result, request, &reusable_);
  RemoveToken(handle_.get(), request.access_token, &reply.body);
  reply.elapsed = base::Clock::Real().Monotonic() - start;
  return reply;
}

}  // namespace snapledger::snap
