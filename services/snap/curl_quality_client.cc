#include "services/snap/curl_quality_client.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/strip.h"
#include "services/base/check.h"
#include "services/base/text.h"
#include "services/snap/client.h"
#include "services/snap/curl_connection.h"
#include "services/snap/curl_option.h"

namespace snapledger::snap {
namespace {

// A header line with the token, overwritten when it is dropped.
class BearerHeader {
 public:
  explicit BearerHeader(const base::Secret& token) {
    std::string line = base::Concat("Authorization: Bearer ", token.Reveal());
    list_ = curl_slist_append(nullptr, line.c_str());
    Wipe(line);
    SNAPLEDGER_CHECK(list_ != nullptr);
  }
  ~BearerHeader() {
    std::string_view line(list_->data);
    std::fill_n(static_cast<volatile char*>(list_->data), line.size(), '\0');
    curl_slist_free_all(list_);
  }
  BearerHeader(const BearerHeader&) = delete;
  BearerHeader& operator=(const BearerHeader&) = delete;

  curl_slist* list() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

struct Body {
  std::string text;
  bool truncated = false;
};

size_t OnBody(char* data, size_t size, size_t count, void* to) {
  auto* const body = static_cast<Body*>(to);
  const size_t bytes = size * count;
  const size_t kept = std::min(bytes, kReplyBytesMax - body->text.size());
  body->text.append(data, kept);
  body->truncated = kept < bytes;
  return kept;
}

std::string UrlOf(CURL* handle, const std::string& base_url, const QualityRequest& request) {
  return base::Concat(absl::StripSuffix(base_url, "/"),
                      request.app ? "/v1/mobile_apps/" : "/v1/pixels/",
                      EscapeForUrl(handle, request.asset_id), "/event_quality_scores");
}

}  // namespace

QualityReply CurlQualityClient::Fetch(const QualityRequest& request) {
  const CurlPointer handle = NewCurl();
  SetConnectionOptions(handle.get(), options_.ca_file);
  SetTimeouts(handle.get(), request.timeout, request.connect_timeout);
  const BearerHeader header(request.access_token);
  Body body;
  SetCurlOption(handle.get(), CURLOPT_HTTPGET, 1L);
  SetCurlOption(handle.get(), CURLOPT_HTTPHEADER, header.list());
  SetCurlOption(handle.get(), CURLOPT_WRITEFUNCTION, &OnBody);
  SetCurlOption(handle.get(), CURLOPT_WRITEDATA, &body);
  const std::string url = UrlOf(handle.get(), options_.base_url, request);
  CURLcode result = curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  if (result == CURLE_OK) result = curl_easy_perform(handle.get());
  QualityReply reply;
  if (result != CURLE_OK) {
    reply.error = body.truncated
                      ? base::Concat("the answer is larger than ", kReplyBytesMax, " bytes")
                      : std::string(curl_easy_strerror(result));
    return reply;
  }
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  reply.http_status = static_cast<int>(status);
  reply.body = std::move(body.text);
  RemoveToken(handle.get(), request.access_token, &reply.body);
  return reply;
}

}  // namespace snapledger::snap
