#include "services/lots/open_lot.h"

#include <utility>

#include "services/base/status_macros.h"

namespace snapledger::lots {

absl::StatusOr<std::shared_ptr<const OpenLot>> OpenLot::Open(security::Envelope& envelope,
                                                             std::string_view payload,
                                                             security::LotPlace place) {
  SNAPLEDGER_ASSIGN_OR_RETURN(std::string raw_lot, envelope.OpenLot(payload, place));
  std::shared_ptr<OpenLot> lot(new OpenLot(std::move(raw_lot)));
  SNAPLEDGER_ASSIGN_OR_RETURN(lot->frames_, event::ParseLot(lot->raw_lot_));
  return lot;
}

}  // namespace snapledger::lots
