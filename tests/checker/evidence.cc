#include "tests/checker/evidence.h"

#include <cstring>

#include "absl/strings/escaping.h"
#include "services/base/text.h"
#include "services/event/event_key.h"

namespace snapledger::checker {
namespace {

constexpr std::string_view kStateNames[] = {
    "none",    "PENDING",          "IN_FLIGHT", "IN_DOUBT", "DELIVERED", "REJECTED",
    "EXPIRED", "EXPIRED_IN_DOUBT", "EXHAUSTED", "CANCELED", "SUPPRESSED"};

std::string Hex(const storage::Uuid& bytes) {
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace

int16_t Evidence::DestinationById(std::string_view id) const {
  for (size_t i = 0; i < destinations.size(); ++i) {
    if (destinations[i].id == id) return static_cast<int16_t>(i);
  }
  return -1;
}

uint32_t Evidence::EventOf(int16_t destination, const storage::Uuid& key) {
  const auto [found, is_new] =
      event_index_.try_emplace({destination, key}, static_cast<uint32_t>(events.size()));
  if (is_new) {
    EventFacts& event = events.emplace_back();
    event.destination = destination;
    event.key = key;
  }
  return found->second;
}

uint32_t Evidence::EventOf(int16_t destination, std::string_view event_id) {
  const uint32_t event = EventOf(destination, event::MakeEventKey(event_id));
  if (events[event].id.empty()) events[event].id = event_id;
  return event;
}

std::string Describe(const Evidence& evidence, const EventFacts& event) {
  std::string text = base::Concat("event ", event.id.empty() ? Hex(event.key) : event.id);
  if (event.destination >= 0) {
    text += base::Concat(" of ", evidence.destinations[event.destination].id);
  }
  if (event.stored) {
    text += base::Concat(" (shard ", event.shard, ", lot ", event.lot_id, ", position ",
                         event.position, ")");
  }
  return text;
}

std::string Describe(const Evidence& evidence, const RequestFacts& request) {
  return base::Concat("request ", request.number, " of ", evidence.journals[request.journal]);
}

std::string Describe(const AttemptFacts& attempt) {
  return base::Concat("attempt ", Hex(attempt.id), " of shard ", attempt.shard);
}

std::string Describe(const SliceFacts& slice) {
  return base::Concat("slice (shard ", slice.shard, ", lot ", slice.lot_id, ", positions ",
                      slice.first_position, " to ", slice.last_position, ")");
}

std::string StateName(storage::DeliveryState state) {
  const auto number = static_cast<size_t>(state);
  return number < std::size(kStateNames) ? std::string(kStateNames[number])
                                         : base::Concat("state ", number);
}

uint64_t Beginning(const Sha256Bytes& digest) {
  uint64_t beginning = 0;
  std::memcpy(&beginning, digest.data(), sizeof(beginning));
  return beginning == 0 ? 1 : beginning;
}

bool ParseSha256(std::string_view hex, Sha256Bytes* digest) {
  if (hex.size() != 2 * digest->size()) return false;
  const std::string bytes = absl::HexStringToBytes(base::AsAbsl(hex));
  std::memcpy(digest->data(), bytes.data(), digest->size());
  return true;
}

}  // namespace snapledger::checker
