#include "storage/identity_groups.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace snapledger::storage {

MadeStatement OfGroup(const char* name, const char* text, int32_t group) {
  // As constants: parameters are not known yet when the other partitions are left out of a plan.
  const int32_t first = group * kPartitionsPerGroup + 1;
  const std::string condition =
      absl::StrCat("partition_number between ", first, " and ", first + kPartitionsPerGroup - 1);
  return {absl::StrCat(name, "_", group), absl::StrReplaceAll(text, {{"@group", condition}})};
}

}  // namespace snapledger::storage
