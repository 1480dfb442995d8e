#include "services/query/query.h"

#include <rapidjson/document.h>

#include <string_view>
#include <utility>

#include "services/base/error_details.h"
#include "services/base/status_macros.h"
#include "services/lots/sealed_lot.h"
#include "services/query/delivery_stats.h"
#include "services/query/find_event.h"
#include "services/query/lot_reader.h"
#include "services/query/proto_time.h"

namespace snapledger::query {

absl::Status Query::GetEvent(const v1::GetEventRequest& request, v1::GetEventResponse* response) {
  std::vector<base::FieldViolation> violations;
  if (request.destination().empty()) violations.push_back({"destination", "is required"});
  if (request.event_id().empty()) violations.push_back({"event_id", "is required"});
  if (!violations.empty()) return base::InvalidFieldsError(std::move(violations));

  SNAPLEDGER_ASSIGN_OR_RETURN(const destinations::DestinationPtr destination,
                              directory_.Find(request.destination()));
  SNAPLEDGER_ASSIGN_OR_RETURN(const storage::EventRow row,
                              FindEvent(deliveries_, *destination, request.event_id()));
  EventTexts texts = ReadTexts(row);
  texts.event_id = request.event_id();

  v1::EventStatus* status = response->mutable_event();
  status->set_destination(request.destination());
  ToProto(row, texts, status);
  return absl::OkStatus();
}

// The state of an event is told even where its payload cannot be read any more.
EventTexts Query::ReadTexts(const storage::EventRow& row) {
  EventTexts texts;
  const security::LotPlace place = {row.shard, row.lot_id};
  const auto lot = LotOrMiss(lots::OpenLot::OpenPiece(envelope_, row.payload, place,
                                                      lots::PieceOf(row.piece, row.piece_count)),
                             place);
  const auto position = static_cast<size_t>(row.position - row.piece * storage::kPieceEvents);
  if (lot.ok() && *lot != nullptr && position < (*lot)->frames().size()) {
    const std::string_view json = (*lot)->frames()[position].json;
    rapidjson::Document snap_event;
    texts = TextsOf(snap_event.Parse(json.data(), json.size()));
  }
  if (auto name = labels_.Text(row.name_label); name.ok()) texts.event_name = *std::move(name);
  if (auto source = labels_.Text(row.source_label); source.ok()) texts.source = *std::move(source);
  return texts;
}

absl::Status Query::GetDeliveryStats(const v1::GetDeliveryStatsRequest& request,
                                     v1::GetDeliveryStatsResponse* response) {
  std::vector<destinations::DestinationPtr> asked;
  if (request.destination().empty()) {
    asked = directory_.List();
  } else {
    SNAPLEDGER_ASSIGN_OR_RETURN(destinations::DestinationPtr one,
                                directory_.Find(request.destination()));
    asked.push_back(std::move(one));
  }
  for (const destinations::DestinationPtr& destination : asked) {
    SNAPLEDGER_RETURN_IF_ERROR(AddStats(*destination, response->add_destinations()));
  }
  *response->mutable_as_of() = TimeToProto(clock_.Now());
  return absl::OkStatus();
}

absl::Status Query::AddStats(const destinations::ActiveDestination& destination,
                             v1::DestinationDelivery* message) {
  storage::ShardDelivery sum;
  for (const int32_t shard : destination.stored.shards) {
    SNAPLEDGER_ASSIGN_OR_RETURN(const storage::ShardDelivery delivery, deliveries_.Delivery(shard));
    Add(delivery, &sum);
  }
  ToProto(destination.stored, sum, message);
  SNAPLEDGER_ASSIGN_OR_RETURN(
      const std::vector<storage::ReceiptObservation> last,
      receipts_.Latest(destination.stored.number, receipt_age_max_, /*limit=*/1));
  if (!last.empty()) AddReceipts(last.front(), message);
  return absl::OkStatus();
}

}  // namespace snapledger::query
