#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/event/lot_codec.h"
#include "services/security/envelope.h"

namespace snapledger::lots {

// The events of a lot, as they were appended. Immutable, and so thread-safe.
class OpenLot {
 public:
  // Opens what lot_payload holds of a lot (sealed_lot.h). DATA_LOSS where it is damaged for good or
  // its data key was destroyed; any other error is of this moment (security::Envelope::OpenLot).
  static absl::StatusOr<std::shared_ptr<const OpenLot>> Open(security::Envelope& envelope,
                                                             std::string_view payload,
                                                             security::LotPlace place);

  // Opens one piece of a lot: its frames are those of the piece alone.
  static absl::StatusOr<std::shared_ptr<const OpenLot>> OpenPiece(security::Envelope& envelope,
                                                                  std::string_view sealed_piece,
                                                                  security::LotPlace place,
                                                                  security::LotPiece piece);

  OpenLot(const OpenLot&) = delete;
  OpenLot& operator=(const OpenLot&) = delete;

  // By position; a duplicate's frame is empty. They live as long as this.
  const std::vector<event::Frame>& frames() const { return frames_; }

 private:
  OpenLot() = default;
  absl::Status Add(security::Envelope& envelope, std::string_view sealed_piece,
                   security::LotPlace place, security::LotPiece piece);

  std::deque<std::string> raw_pieces_;
  std::vector<event::Frame> frames_;  // point into raw_pieces_
};

}  // namespace snapledger::lots
