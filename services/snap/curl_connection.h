#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "services/base/secret.h"

namespace snapledger::snap {

// What every request to one of Snap's hosts has in common, and how a token is kept from where it
// does not belong.

struct FreeCurl {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlPointer = std::unique_ptr<CURL, FreeCurl>;

CurlPointer NewCurl();

// HTTP/1.1 over TLS 1.2 or newer, certificates verified, no redirect and no proxy. `ca_file` is
// trusted beside the system's authorities; empty: none. It must outlive the handle.
void SetConnectionOptions(CURL* handle, const std::string& ca_file);

void SetTimeouts(CURL* handle, absl::Duration whole, absl::Duration connecting);

// For one part of a URL.
std::string EscapeForUrl(CURL* handle, std::string_view text);

// Overwrites what is there.
void Wipe(std::string& text);

// An answer may quote its request: a proxy's error page shows it.
void RemoveToken(CURL* handle, const base::Secret& token, std::string* body);

}  // namespace snapledger::snap
