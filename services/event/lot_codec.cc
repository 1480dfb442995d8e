#include "services/event/lot_codec.h"

#include <limits>

#include "absl/status/status.h"
#include "services/base/check.h"

namespace snapledger::event {
namespace {

constexpr uint8_t kPurchaseWithOrderId = 1;
constexpr IdentifierMask kKnownIdentifiers = 0x7FFF;

// Little-endian whatever the machine.
template <typename Integer>
void AppendInteger(Integer value, std::string* bytes) {
  auto rest = static_cast<uint64_t>(value);
  for (size_t i = 0; i < sizeof(Integer); ++i, rest >>= 8) {
    bytes->push_back(static_cast<char>(rest & 0xFF));
  }
}

// Reads on from the front of `bytes`; false when they end too early.
template <typename Integer>
bool ReadInteger(std::string_view* bytes, Integer* value) {
  if (bytes->size() < sizeof(Integer)) return false;
  uint64_t read = 0;
  for (size_t i = 0; i < sizeof(Integer); ++i) {
    read |= static_cast<uint64_t>(static_cast<uint8_t>((*bytes)[i])) << (8 * i);
  }
  *value = static_cast<Integer>(read);
  bytes->remove_prefix(sizeof(Integer));
  return true;
}

bool ReadHeader(std::string_view* bytes, FrameHeader* header) {
  uint8_t action_source = 0;
  uint8_t flags = 0;
  if (!ReadInteger(bytes, &header->event_time_seconds) ||
      !ReadInteger(bytes, &header->name_label) || !ReadInteger(bytes, &header->source_label) ||
      !ReadInteger(bytes, &action_source) || !ReadInteger(bytes, &header->supplied) ||
      !ReadInteger(bytes, &header->usable) || !ReadInteger(bytes, &flags)) {
    return false;
  }
  if (action_source < static_cast<uint8_t>(ActionSource::kWeb) ||
      action_source > static_cast<uint8_t>(ActionSource::kOffline) ||
      (flags & ~kPurchaseWithOrderId) != 0 ||
      ((header->supplied | header->usable) & ~kKnownIdentifiers) != 0) {
    return false;
  }
  header->action_source = static_cast<ActionSource>(action_source);
  header->purchase_with_order_id = (flags & kPurchaseWithOrderId) != 0;
  return true;
}

bool ReadFrame(std::string_view* bytes, Frame* frame) {
  uint32_t json_bytes = 0;
  if (!ReadInteger(bytes, &json_bytes)) return false;
  if (json_bytes == 0) return true;
  if (!ReadHeader(bytes, &frame->header) || bytes->size() < json_bytes) return false;
  frame->json = bytes->substr(0, json_bytes);
  bytes->remove_prefix(json_bytes);
  return true;
}

}  // namespace

void AppendFrame(const FrameHeader& header, std::string_view json, std::string* raw_lot) {
  SNAPLEDGER_CHECK(!json.empty());
  SNAPLEDGER_CHECK(json.size() <= std::numeric_limits<uint32_t>::max());
  AppendInteger(static_cast<uint32_t>(json.size()), raw_lot);
  AppendInteger(header.event_time_seconds, raw_lot);
  AppendInteger(header.name_label, raw_lot);
  AppendInteger(header.source_label, raw_lot);
  AppendInteger(static_cast<uint8_t>(header.action_source), raw_lot);
  AppendInteger(header.supplied, raw_lot);
  AppendInteger(header.usable, raw_lot);
  AppendInteger(header.purchase_with_order_id ? kPurchaseWithOrderId : uint8_t{0}, raw_lot);
  raw_lot->append(json);
}

void AppendEmptyFrame(std::string* raw_lot) { AppendInteger(uint32_t{0}, raw_lot); }

absl::StatusOr<std::vector<Frame>> ParseLot(std::string_view raw_lot) {
  std::vector<Frame> frames;
  while (!raw_lot.empty()) {
    Frame frame;
    if (!ReadFrame(&raw_lot, &frame)) {
      return absl::DataLossError("the bytes of a lot are not a sequence of frames");
    }
    frames.push_back(frame);
  }
  return frames;
}

}  // namespace snapledger::event
