#include "services/query/query.h"

#include <utility>

#include "services/base/error_details.h"
#include "services/base/log.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/event/event_key.h"
#include "services/event/lot_codec.h"
#include "services/query/delivery_stats.h"
#include "services/query/proto_time.h"

namespace snapledger::query {
namespace {

void LogUnreadable(const storage::EventRow& row, const absl::Status& status) {
  base::Log(base::Severity::kError, "a lot cannot be read",
            {{"shard", static_cast<int64_t>(row.shard)},
             {"lot", row.lot_id},
             {"error", base::AsStd(status.message())}});
}

}  // namespace

absl::Status Query::GetEvent(const v1::GetEventRequest& request, v1::GetEventResponse* response) {
  std::vector<base::FieldViolation> violations;
  if (request.destination().empty()) violations.push_back({"destination", "is required"});
  if (request.event_id().empty()) violations.push_back({"event_id", "is required"});
  if (!violations.empty()) return base::InvalidFieldsError(std::move(violations));

  SNAPLEDGER_ASSIGN_OR_RETURN(const destinations::DestinationPtr destination,
                              directory_.Find(request.destination()));
  const event::EventKey key = event::MakeEventKey(request.event_id());
  absl::StatusOr<storage::EventRow> row = absl::NotFoundError("");
  for (const int32_t shard : destination->ShardsOf(key)) {
    row = deliveries_.FindEvent(shard, key);
    if (!absl::IsNotFound(row.status())) break;
  }
  if (absl::IsNotFound(row.status())) return base::EventNotFoundError(request.event_id());
  SNAPLEDGER_RETURN_IF_ERROR(row.status());

  v1::EventStatus* status = response->mutable_event();
  status->set_destination(request.destination());
  status->set_event_id(request.event_id());
  ToProto(*row, TextsOf(*row), status);
  return absl::OkStatus();
}

// The state of an event is told even where its payload cannot be read any more.
EventTexts Query::TextsOf(const storage::EventRow& row) {
  EventTexts texts;
  if (auto name = labels_.Text(row.name_label); name.ok()) texts.event_name = *std::move(name);
  if (auto source = labels_.Text(row.source_label); source.ok()) texts.source = *std::move(source);
  if (row.payload.empty()) return texts;
  const absl::StatusOr<std::string> raw_lot =
      envelope_.OpenLot(row.payload, {row.shard, row.lot_id});
  if (!raw_lot.ok()) {
    LogUnreadable(row, raw_lot.status());
    return texts;
  }
  const auto frames = event::ParseLot(*raw_lot);
  if (!frames.ok()) {
    LogUnreadable(row, frames.status());
    return texts;
  }
  const auto position = static_cast<size_t>(row.position);
  if (position < frames->size()) texts.order_id = OrderIdOf((*frames)[position].json);
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
  return absl::OkStatus();
}

}  // namespace snapledger::query
