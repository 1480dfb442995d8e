#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/security/key_file.h"

namespace snapledger::app {

// Makes the key file of an embedded database that is not there yet, where it is missing.
absl::Status MakeKeysOfNewDatabase(const std::string& key_file_setting,
                                   const std::string& database_setting);

// The keys these settings mean; makes those of an embedded database that is not there yet.
// INVALID_ARGUMENT where no file is named, or it cannot be used: it is the configuration, or a file
// it names, that has to change. That holds for one that is missing beside an embedded database.
absl::StatusOr<security::KeyRing> OpenKeys(const std::string& key_file_setting,
                                           const std::string& database_setting);

}  // namespace snapledger::app
