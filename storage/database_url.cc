#include "storage/database_url.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace snapledger::storage {

std::string WithDatabase(const std::string& url, const std::string& database) {
  const size_t authority = url.find("://");
  const size_t options = std::min(url.find('?'), url.size());
  const size_t path =
      std::min(url.find('/', authority == std::string::npos ? 0 : authority + 3), options);
  return absl::StrCat(url.substr(0, path), "/", database, url.substr(options));
}

}  // namespace snapledger::storage
