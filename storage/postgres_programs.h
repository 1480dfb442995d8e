#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace snapledger::storage {

// The folder with PostgreSQL's initdb and postgres: the newest of /usr/lib/postgresql, or the one
// pg_config tells. With `major_version` ("15") only that one will do. NOT_FOUND says which package
// is missing.
absl::StatusOr<std::string> FindPostgresPrograms(const std::string& major_version);

}  // namespace snapledger::storage
