#include "services/app/nearest_name.h"

#include <algorithm>

#include "services/base/edit_distance.h"

namespace snapledger::app {
namespace {

// So much of a word may be wrong.
constexpr size_t kWrongShare = 3;

}  // namespace

std::string NearestName(std::string_view given, const std::vector<std::string>& names) {
  std::string nearest;
  size_t fewest = std::max<size_t>(1, given.size() / kWrongShare) + 1;
  for (const std::string& name : names) {
    const size_t edits = base::EditsBetween(given, name);
    if (edits < fewest) {
      fewest = edits;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace snapledger::app
