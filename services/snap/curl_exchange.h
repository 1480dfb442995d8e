#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "services/snap/client.h"
#include "services/snap/cut_time.h"

namespace snapledger::snap {

// What happens on the wire during one request, as libcurl's callbacks tell it; turns it into a
// SnapReply in the end.
class CurlExchange {
 public:
  // Both must outlive this.
  CurlExchange(std::string_view body, const CutTime& cut_time)
      : body_bytes_(body.size()), cut_time_(cut_time), unsent_(body) {}

  // Makes `handle` report here until the next exchange.
  void Attach(CURL* handle);

  // The reply, once `handle` is done with `result`. `reusable` becomes false where the connection
  // may be in any state.
  SnapReply Conclude(CURL* handle, CURLcode result, const SnapRequest& request, bool* reusable) &&;

 private:
  static size_t OnSend(char* to, size_t size, size_t count, void* self);
  static size_t OnHeader(char* line, size_t size, size_t count, void* self);
  static size_t OnBody(char* data, size_t size, size_t count, void* self);
  static int OnRequest(void* self, char* remote_ip, char* local_ip, int remote_port,
                       int local_port);
  static int OnProgress(void* self, curl_off_t to_download, curl_off_t downloaded,
                        curl_off_t to_upload, curl_off_t uploaded);

  void ReadHeader(std::string_view line);
  void StartAnswer(std::string_view status_line);
  Transport HowFar(CURL* handle, CURLcode result) const;
  bool AllUploaded(CURL* handle) const;
  std::string Explain(CURLcode result, const SnapRequest& request) const;

  const size_t body_bytes_;
  const CutTime& cut_time_;
  std::string_view unsent_;
  bool cut_ = false;
  bool started_ = false;  // the connection stood, the request was about to be written
  bool body_asked_for_ = false;
  bool interim_ = false;        // the header lines are those of a 1xx
  bool headers_ended_ = false;  // of the final answer
  size_t header_bytes_ = 0;
  SnapReply reply_;
};

}  // namespace snapledger::snap
