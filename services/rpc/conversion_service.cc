#include "services/rpc/conversion_service.h"

#include "services/base/error_details.h"
#include "services/rpc/refusal.h"
#include "services/rpc/status_mapping.h"
#include "services/rpc/stream_events.h"
#include "services/rpc/verdict_counts.h"

namespace snapledger::rpc {
namespace {

constexpr char kIngestRole[] = "ingest";
constexpr char kQueryRole[] = "query";

}  // namespace

ConversionService::ConversionService(Backends backends, CallSurroundings surroundings,
                                     Readiness& readiness)
    : backends_(backends), surroundings_(surroundings), readiness_(readiness) {
  SetMessageAllocatorFor_RecordEvents(&record_events_messages_);
}

grpc::ServerUnaryReactor* ConversionService::RecordEvents(grpc::CallbackServerContext* context,
                                                          const v1::RecordEventsRequest* request,
                                                          v1::RecordEventsResponse* response) {
  const UnaryCall call(context, "RecordEvents", surroundings_);
  grpc::ServerUnaryReactor* const reactor = call.reactor();
  if (backends_.ingest == nullptr) {
    call.Finish(RoleNotServed("RecordEvents", kIngestRole));
    return reactor;
  }
  // Before the commit a late call is refused; after it the answer is OK even if late.
  if (const absl::Status wanted = call.StillWanted(); !wanted.ok()) {
    call.Finish(wanted);
    return reactor;
  }
  backends_.ingest->Record(*request, response, [this, call, response](const absl::Status& status) {
    readiness_.NoteWrite(status);
    if (status.ok()) CountVerdicts(*response, surroundings_.metrics);
    call.Finish(status);
  });
  return reactor;
}

grpc::ServerUnaryReactor* ConversionService::ValidateEvents(
    grpc::CallbackServerContext* context, const v1::ValidateEventsRequest* request,
    v1::ValidateEventsResponse* response) {
  const UnaryCall call(context, "ValidateEvents", surroundings_);
  grpc::ServerUnaryReactor* const reactor = call.reactor();
  if (backends_.ingest == nullptr) {
    call.Finish(RoleNotServed("ValidateEvents", kIngestRole));
    return reactor;
  }
  backends_.ingest->Validate(*request, response,
                             [call](const absl::Status& status) { call.Finish(status); });
  return reactor;
}

grpc::ServerUnaryReactor* ConversionService::GetEvent(grpc::CallbackServerContext* context,
                                                      const v1::GetEventRequest* request,
                                                      v1::GetEventResponse* response) {
  return UnaryCall(context, "GetEvent", surroundings_).Post([this, request, response] {
    if (backends_.query == nullptr) return RoleNotServed("GetEvent", kQueryRole);
    return backends_.query->GetEvent(*request, response);
  });
}

grpc::ServerUnaryReactor* ConversionService::ListEvents(grpc::CallbackServerContext* context,
                                                        const v1::ListEventsRequest* request,
                                                        v1::ListEventsResponse* response) {
  return UnaryCall(context, "ListEvents", surroundings_).Post([this, request, response] {
    if (backends_.events == nullptr) return RoleNotServed("ListEvents", kQueryRole);
    return backends_.events->List(*request, response);
  });
}

grpc::ServerUnaryReactor* ConversionService::ListAttempts(grpc::CallbackServerContext* context,
                                                          const v1::ListAttemptsRequest* request,
                                                          v1::ListAttemptsResponse* response) {
  return UnaryCall(context, "ListAttempts", surroundings_).Post([this, request, response] {
    if (backends_.attempts == nullptr) return RoleNotServed("ListAttempts", kQueryRole);
    return backends_.attempts->List(*request, response);
  });
}

grpc::ServerUnaryReactor* ConversionService::GetDeliveryStats(
    grpc::CallbackServerContext* context, const v1::GetDeliveryStatsRequest* request,
    v1::GetDeliveryStatsResponse* response) {
  return UnaryCall(context, "GetDeliveryStats", surroundings_).Post([this, request, response] {
    if (backends_.query == nullptr) return RoleNotServed("GetDeliveryStats", kQueryRole);
    return backends_.query->GetDeliveryStats(*request, response);
  });
}

grpc::ServerUnaryReactor* ConversionService::GetMatchRates(grpc::CallbackServerContext* context,
                                                           const v1::GetMatchRatesRequest* request,
                                                           v1::GetMatchRatesResponse* response) {
  return UnaryCall(context, "GetMatchRates", surroundings_).Post([this, request, response] {
    if (backends_.match_rates == nullptr) return RoleNotServed("GetMatchRates", kQueryRole);
    return backends_.match_rates->Get(*request, response);
  });
}

grpc::ServerBidiReactor<v1::StreamEventsRequest, v1::StreamEventsResponse>*
ConversionService::StreamEvents(grpc::CallbackServerContext*) {
  if (backends_.ingest == nullptr) {
    return new RefusedBidi<v1::StreamEventsRequest, v1::StreamEventsResponse>(
        ToGrpcStatus(RoleNotServed("StreamEvents", kIngestRole), "StreamEvents"));
  }
  return new StreamEventsReactor(*backends_.ingest, readiness_, surroundings_.metrics);
}

grpc::ServerWriteReactor<v1::WatchEventsResponse>* ConversionService::WatchEvents(
    grpc::CallbackServerContext* context, const v1::WatchEventsRequest* request) {
  if (backends_.watches == nullptr) {
    return new RefusedWrites<v1::WatchEventsResponse>(
        ToGrpcStatus(RoleNotServed("WatchEvents", kQueryRole), "WatchEvents"));
  }
  return backends_.watches->Serve(context, *request);
}

grpc::ServerUnaryReactor* ConversionService::SimulateMatchRate(
    grpc::CallbackServerContext* context, const v1::SimulateMatchRateRequest* request,
    v1::SimulateMatchRateResponse* response) {
  return UnaryCall(context, "SimulateMatchRate", surroundings_).Post([this, request, response] {
    if (backends_.simulation == nullptr) return RoleNotServed("SimulateMatchRate", kQueryRole);
    return backends_.simulation->Simulate(*request, response);
  });
}

}  // namespace snapledger::rpc
