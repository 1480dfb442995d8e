#include "services/base/check.h"

#include <cstdlib>

#include "services/base/log.h"

namespace snapledger::base {

void CheckFailed(const char* condition, const char* file, int line) {
  Log(Severity::kError, "a check failed, the process stops",
      {{"condition", condition}, {"file", file}, {"line", line}});
  std::abort();
}

}  // namespace snapledger::base
