#include "services/event/event_key.h"

#include <algorithm>

#include "services/event/sha256.h"

namespace snapledger::event {

EventKey MakeEventKey(std::string_view event_id) {
  const Sha256Digest digest = Sha256(event_id);
  EventKey key;
  std::copy_n(digest.begin(), key.size(), key.begin());
  return key;
}

}  // namespace snapledger::event
