#pragma once

#include <string>

#include "services/snap/quality_client.h"

namespace snapledger::snap {

// QualityClient over libcurl. The token travels in a header. A connection per request: they are
// rare.
class CurlQualityClient final : public QualityClient {
 public:
  struct Options {
    std::string base_url = "https://adsapi.snapchat.com";
    std::string ca_file;  // extra certificate authority; empty: the system's
  };

  explicit CurlQualityClient(Options options) : options_(std::move(options)) {}

  QualityReply Fetch(const QualityRequest& request) override;

 private:
  const Options options_;
};

}  // namespace snapledger::snap
