#include "tests/faulty/kill_switch.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/numbers.h"
#include "services/base/text.h"

namespace snapledger::faulty {

absl::Status KillSwitch::Arm(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const auto* const found =
      std::find_if(kKillPoints.begin(), kKillPoints.end(),
                   [name](const KillPointText& point) { return point.name == name; });
  if (found == kKillPoints.end()) {
    return absl::InvalidArgumentError(base::Concat("no kill point is named ", name));
  }
  int64_t pass = 0;
  if (colon == std::string_view::npos ||
      !absl::SimpleAtoi(base::AsAbsl(text.substr(colon + 1)), &pass) || pass < 1) {
    return absl::InvalidArgumentError(
        base::Concat("a kill point is given as POINT:N with N from 1 on, not as ", text));
  }
  point_ = static_cast<KillPoint>(found - kKillPoints.begin());
  passes_left_ = pass;
  armed_ = true;
  return absl::OkStatus();
}

void KillSwitch::Pass(KillPoint point) {
  if (!armed_ || point != point_ || --passes_left_ != 0) return;
  kill(getpid(), SIGKILL);
  // The signal may reach another thread first.
  while (true) pause();
}

}  // namespace snapledger::faulty
