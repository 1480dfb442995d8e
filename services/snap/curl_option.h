#pragma once

#include <curl/curl.h>

#include "services/base/check.h"

namespace snapledger::snap {

// Sets an option that every libcurl this is built for knows and that no input can make invalid.
template <typename Value>
void SetCurlOption(CURL* handle, CURLoption option, Value value) {
  SNAPLEDGER_CHECK(curl_easy_setopt(handle, option, value) == CURLE_OK);
}

}  // namespace snapledger::snap
