#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/event/conversion_event.h"
#include "services/event/identifier_kind.h"

namespace snapledger::event {

// What stands beside an event's frozen JSON in a lot, so that splitting a lot, expiring one event
// of it or recounting coverage needs neither the JSON nor the identity table.
struct FrameHeader {
  int64_t event_time_seconds = 0;
  int32_t name_label = 0;    // label number of the event name
  int32_t source_label = 0;  // label number of the source; 0: none given
  ActionSource action_source = ActionSource::kWeb;
  IdentifierMask supplied = 0;
  IdentifierMask usable = 0;
  bool purchase_with_order_id = false;  // deduplicated by order id too, for the longer window
};

// One event of a lot: its header and its frozen Snap JSON. A position whose event was a duplicate
// holds an empty frame (no header, empty json), so that positions are never renumbered.
struct Frame {
  FrameHeader header;
  std::string_view json;
  bool empty() const { return json.empty(); }
};

// Appends one frame to the raw (not yet sealed) form of a lot, little-endian:
//   u32 json bytes; nothing more when 0; else
//   i64 event time, i32 name, i32 source, u8 action source, u16 supplied, u16 usable, u8 flags,
//   the JSON
void AppendFrame(const FrameHeader& header, std::string_view json, std::string* raw_lot);
void AppendEmptyFrame(std::string* raw_lot);

// The frames of a raw lot, in position order; they point into `raw_lot`. DATA_LOSS when the bytes
// are not a lot.
absl::StatusOr<std::vector<Frame>> ParseLot(std::string_view raw_lot);

}  // namespace snapledger::event
