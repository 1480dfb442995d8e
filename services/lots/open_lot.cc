#include "services/lots/open_lot.h"

#include "services/base/status_macros.h"
#include "services/lots/sealed_lot.h"

namespace snapledger::lots {

absl::Status OpenLot::Add(security::Envelope& envelope, std::string_view sealed_piece,
                          security::LotPlace place, security::LotPiece piece) {
  SNAPLEDGER_ASSIGN_OR_RETURN(std::string raw, envelope.OpenLot(sealed_piece, place, piece));
  raw_pieces_.push_back(std::move(raw));
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::vector<event::Frame> frames,
                              event::ParseLot(raw_pieces_.back()));
  frames_.insert(frames_.end(), frames.begin(), frames.end());
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const OpenLot>> OpenLot::Open(security::Envelope& envelope,
                                                             std::string_view payload,
                                                             security::LotPlace place) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::vector<std::string_view> pieces, PiecesOf(payload));
  const std::shared_ptr<OpenLot> lot(new OpenLot);
  for (size_t i = 0; i < pieces.size(); ++i) {
    SNAPLEDGER_RETURN_IF_ERROR(lot->Add(envelope, pieces[i], place, PieceOf(i, pieces.size())));
  }
  return lot;
}

absl::StatusOr<std::shared_ptr<const OpenLot>> OpenLot::OpenPiece(security::Envelope& envelope,
                                                                  std::string_view sealed_piece,
                                                                  security::LotPlace place,
                                                                  security::LotPiece piece) {
  const std::shared_ptr<OpenLot> lot(new OpenLot);
  SNAPLEDGER_RETURN_IF_ERROR(lot->Add(envelope, sealed_piece, place, piece));
  return lot;
}

}  // namespace snapledger::lots
