#include "services/lots/sealed_lot.h"

#include <limits>

#include "services/base/check.h"
#include "services/base/status_macros.h"
#include "services/security/little_endian.h"

namespace snapledger::lots {
namespace {

using security::LoadLittleEndian;
using security::StoreLittleEndian;

// The first byte of what an Envelope seals is another.
constexpr uint8_t kPiecesForm = 2;
constexpr size_t kCountOffset = 1;
constexpr size_t kZeroOffset = 2;
constexpr size_t kEndsOffset = 4;
constexpr size_t kEndBytes = sizeof(uint32_t);

size_t TableBytes(size_t count) { return kEndsOffset + count * kEndBytes; }

}  // namespace

security::LotPiece PieceOf(size_t index, size_t count) {
  return {.number = static_cast<uint8_t>(index),
          .following = static_cast<uint8_t>(count - 1 - index)};
}

absl::StatusOr<SealedLot> Seal(security::Envelope& envelope,
                               absl::Span<const std::string> raw_pieces, security::LotPlace place) {
  const size_t count = raw_pieces.size();
  SNAPLEDGER_CHECK(count > 0 && count <= std::numeric_limits<uint8_t>::max());
  SealedLot lot;
  if (count == 1) {
    SNAPLEDGER_ASSIGN_OR_RETURN(lot.payload, envelope.SealLot(raw_pieces[0], place));
    return lot;
  }
  lot.payload.resize(TableBytes(count));
  StoreLittleEndian(static_cast<uint8_t>(count),
                    StoreLittleEndian(kPiecesForm, lot.payload.data()));
  lot.piece_bounds.push_back(static_cast<int32_t>(lot.payload.size()));
  for (size_t i = 0; i < count; ++i) {
    SNAPLEDGER_ASSIGN_OR_RETURN(const std::string piece,
                                envelope.SealLot(raw_pieces[i], place, PieceOf(i, count)));
    lot.payload += piece;
    const size_t end = lot.payload.size();
    StoreLittleEndian(static_cast<uint32_t>(end), lot.payload.data() + TableBytes(i));
    lot.piece_bounds.push_back(static_cast<int32_t>(end));
  }
  return lot;
}

absl::StatusOr<std::vector<std::string_view>> PiecesOf(std::string_view payload) {
  const absl::Status unknown = absl::DataLossError("the payload of a lot has an unknown form");
  if (payload.empty() || LoadLittleEndian<uint8_t>(payload, 0) != kPiecesForm) {
    return std::vector<std::string_view>{payload};
  }
  if (payload.size() < kEndsOffset || LoadLittleEndian<uint16_t>(payload, kZeroOffset) != 0) {
    return unknown;
  }
  const size_t count = LoadLittleEndian<uint8_t>(payload, kCountOffset);
  size_t begin = TableBytes(count);
  if (count < 2 || payload.size() < begin) return unknown;
  std::vector<std::string_view> pieces;
  for (size_t i = 0; i < count; ++i) {
    const size_t end = LoadLittleEndian<uint32_t>(payload, TableBytes(i));
    if (end < begin || end > payload.size()) return unknown;
    pieces.push_back(payload.substr(begin, end - begin));
    begin = end;
  }
  if (begin != payload.size()) return unknown;
  return pieces;
}

}  // namespace snapledger::lots
