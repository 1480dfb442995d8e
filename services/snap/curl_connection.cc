#include "services/snap/curl_connection.h"

#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_replace.h"
#include "services/base/check.h"
#include "services/base/text.h"
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

}  // namespace

CurlPointer NewCurl() {
  InitialiseOnce();
  CurlPointer handle(curl_easy_init());
  SNAPLEDGER_CHECK(handle != nullptr);
  return handle;
}

void SetConnectionOptions(CURL* handle, const std::string& ca_file) {
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

void SetTimeouts(CURL* handle, absl::Duration whole, absl::Duration connecting) {
  SetCurlOption(handle, CURLOPT_TIMEOUT_MS, Milliseconds(whole));
  SetCurlOption(handle, CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(connecting));
}

void Wipe(std::string& text) { OPENSSL_cleanse(text.data(), text.size()); }

std::string EscapeForUrl(CURL* handle, std::string_view text) {
  if (text.empty()) return "";
  char* const escaped = curl_easy_escape(handle, text.data(), static_cast<int>(text.size()));
  SNAPLEDGER_CHECK(escaped != nullptr);
  std::string result(escaped);
  OPENSSL_cleanse(escaped, result.size());
  curl_free(escaped);
  return result;
}

void RemoveToken(CURL* handle, const base::Secret& token, std::string* body) {
  if (token.Reveal().size() < kTokenBytesMin) return;
  std::string escaped = EscapeForUrl(handle, token.Reveal());
  for (const std::string_view form : {token.Reveal(), std::string_view(escaped)}) {
    if (body->find(form) == std::string::npos) continue;
    absl::StrReplaceAll({{base::AsAbsl(form), "[removed]"}}, body);
  }
  Wipe(escaped);
}

}  // namespace snapledger::snap
