#include "tests/faulty/planted_bug.h"

#include <algorithm>

#include "services/base/text.h"

namespace snapledger::faulty {

absl::StatusOr<PlantedBug> PlantedBugByName(std::string_view name) {
  const auto* const found =
      std::find_if(kPlantedBugs.begin(), kPlantedBugs.end(),
                   [name](const PlantedBugText& bug) { return bug.name == name; });
  if (found == kPlantedBugs.end()) {
    return absl::InvalidArgumentError(base::Concat("no planted bug is named ", name));
  }
  return static_cast<PlantedBug>(found - kPlantedBugs.begin());
}

}  // namespace snapledger::faulty
