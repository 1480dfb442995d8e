#include "services/snap/curl_handle.h"

#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "services/base/check.h"
#include "services/base/clock.h"
#include "services/base/text.h"
#include "services/snap/curl_exchange.h"
#include "services/snap/curl_option.h"

namespace snapledger::snap {
namespace {

constexpr const char* kUserAgent = "snapledger/0.1";
// Well below what servers and balancers keep an idle connection for: one that they close while we
// write to it costs a doubt.
constexpr long kIdleSecondsMax = 30;
constexpr int64_t kTimeoutMsMax = 3'600'000;
// Below this a token could be a word of an answer.
constexpr size_t kTokenBytesMin = 12;

void InitialiseOnce() {
  static const CURLcode kResult = curl_global_init(CURL_GLOBAL_DEFAULT);
  SNAPLEDGER_CHECK(kResult == CURLE_OK);
}

CURL* NewHandle() {
  InitialiseOnce();
  CURL* const handle = curl_easy_init();
  SNAPLEDGER_CHECK(handle != nullptr);
  return handle;
}

curl_slist* NewHeaders(std::initializer_list<const char*> lines) {
  curl_slist* list = nullptr;
  for (const char* line : lines) {
    list = curl_slist_append(list, line);
    SNAPLEDGER_CHECK(list != nullptr);
  }
  return list;
}

void Wipe(std::string& text) { OPENSSL_cleanse(text.data(), text.size()); }

std::string Escape(CURL* handle, std::string_view text) {
  if (text.empty()) return "";
  char* const escaped = curl_easy_escape(handle, text.data(), static_cast<int>(text.size()));
  SNAPLEDGER_CHECK(escaped != nullptr);
  std::string result(escaped);
  OPENSSL_cleanse(escaped, result.size());
  curl_free(escaped);
  return result;
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

// 0 would mean no limit to libcurl.
long Milliseconds(absl::Duration duration) {
  return static_cast<long>(
      std::clamp<int64_t>(absl::ToInt64Milliseconds(duration), 1, kTimeoutMsMax));
}

CURLcode TrustFile(CURL* /*handle*/, void* ssl_context, void* ca_file) {
  const bool trusted =
      SSL_CTX_load_verify_locations(static_cast<SSL_CTX*>(ssl_context),
                                    static_cast<const char*>(ca_file), nullptr) == 1;
  return trusted ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

// An answer may quote its request: a proxy's error page shows the URL.
void RemoveToken(CURL* handle, const base::Secret& token, std::string* body) {
  if (token.Reveal().size() < kTokenBytesMin) return;
  std::string escaped = Escape(handle, token.Reveal());
  for (const std::string_view form : {token.Reveal(), std::string_view(escaped)}) {
    if (body->find(form) == std::string::npos) continue;
    absl::StrReplaceAll({{base::AsAbsl(form), "[removed]"}}, body);
  }
  Wipe(escaped);
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
      handle_(NewHandle()) {
  SetConnectionOptions(ca_file);
}

void CurlHandle::SetConnectionOptions(const std::string& ca_file) {
  CURL* const handle = handle_.get();
  SetCurlOption(handle, CURLOPT_PROTOCOLS_STR, "https");
  SetCurlOption(handle, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  SetCurlOption(handle, CURLOPT_FOLLOWLOCATION, 0L);
  SetCurlOption(handle, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  SetCurlOption(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  SetCurlOption(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  // The environment's proxy variables would send tokens where nobody configured them to go.
  SetCurlOption(handle, CURLOPT_PROXY, "");
  SetCurlOption(handle, CURLOPT_NOSIGNAL, 1L);
  // Otherwise a resolver that hangs would hold the caller beyond the timeout.
  SetCurlOption(handle, CURLOPT_QUICK_EXIT, 1L);
  SetCurlOption(handle, CURLOPT_PATH_AS_IS, 1L);
  SetCurlOption(handle, CURLOPT_MAXCONNECTS, 1L);
  SetCurlOption(handle, CURLOPT_MAXAGE_CONN, kIdleSecondsMax);
  SetCurlOption(handle, CURLOPT_USERAGENT, kUserAgent);
  if (ca_file.empty()) return;
  SetCurlOption(handle, CURLOPT_SSL_CTX_FUNCTION, &TrustFile);
  SetCurlOption(handle, CURLOPT_SSL_CTX_DATA, const_cast<char*>(ca_file.c_str()));
  // Where the system has no bundle, libcurl would give up before it saw ours.
  const char* bundle = nullptr;
  curl_easy_getinfo(handle, CURLINFO_CAINFO, &bundle);
  if (bundle == nullptr || access(bundle, R_OK) != 0) {
    SetCurlOption(handle, CURLOPT_CAINFO, static_cast<const char*>(nullptr));
  }
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
  SetCurlOption(handle, CURLOPT_TIMEOUT_MS, Milliseconds(request.timeout));
  SetCurlOption(handle, CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(request.connect_timeout));
}

bool CurlHandle::IsStale() const {
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(handle_.get(), CURLINFO_ACTIVESOCKET, &socket);
  if (socket == CURL_SOCKET_BAD) return false;
  pollfd poll_socket{socket, POLLIN, 0};
  return poll(&poll_socket, 1, 0) != 0;
}

CURLcode CurlHandle::SetUrl(const SnapRequest& request) {
  std::string token = Escape(handle_.get(), request.access_token.Reveal());
  const std::string start = base::Concat(absl::StripSuffix(base_url_, "/"), "/v3/",
                                         Escape(handle_.get(), request.asset_id),
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
