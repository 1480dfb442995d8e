#include "storage/transaction.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace snapledger::storage {

absl::Status TryConnect(const ConnectionOptions& options) {
  try {
    const Connection connection(options);
    return absl::OkStatus();
  } catch (const SqlError& error) {
    return absl::UnavailableError(absl::StrCat("the database cannot be reached: ",
                                               absl::StripTrailingAsciiWhitespace(error.what())));
  }
}

}  // namespace snapledger::storage
