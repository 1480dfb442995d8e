#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/security/envelope.h"

namespace snapledger::lots {

// A lot as lot_payload keeps it. Up to storage::kPieceEvents positions are sealed as one
// (security::Envelope). A longer lot is sealed in pieces of so many positions, so that one event
// can be read without the others. Little-endian:
//   u8 form (2) | u8 pieces | u16 zero | u32 end of each piece, from the payload's beginning |
//   the sealed pieces
struct SealedLot {
  std::string payload;
  // Where the first piece begins and where each ends; empty for a lot of one piece.
  std::vector<int32_t> piece_bounds;
};

// Seals a lot given as its pieces in order, at least one and at most 255.
absl::StatusOr<SealedLot> Seal(security::Envelope& envelope,
                               absl::Span<const std::string> raw_pieces, security::LotPlace place);

// The sealed pieces of a payload; they point into it. DATA_LOSS where it is not one.
absl::StatusOr<std::vector<std::string_view>> PiecesOf(std::string_view payload);

// Piece `index` of a lot of `count`.
security::LotPiece PieceOf(size_t index, size_t count);

}  // namespace snapledger::lots
