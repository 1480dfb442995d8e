#pragma once

#include <string>

namespace snapledger::storage {

// The URL of another database on the same server, as the same role. `url` is a postgresql:// URL.
std::string WithDatabase(const std::string& url, const std::string& database);

}  // namespace snapledger::storage
