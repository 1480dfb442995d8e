#pragma once

#include "services/ingest/ingest.h"
#include "services/matchrate/match_rate_simulation.h"
#include "services/matchrate/match_rates.h"
#include "services/query/list_attempts.h"
#include "services/query/list_events.h"
#include "services/query/query.h"
#include "services/rpc/arena_messages.h"
#include "services/rpc/open_watches.h"
#include "services/rpc/readiness.h"
#include "services/rpc/unary_call.h"
#include "snapledger/v1/conversion_service.grpc.pb.h"

namespace snapledger::rpc {

// snapledger.v1.ConversionService: hands each call to who answers it. No method blocks.
class ConversionService final : public v1::ConversionService::CallbackService {
 public:
  // Null where the roles of the process leave it out. What they name must outlive this.
  struct Backends {
    ingest::Ingest* ingest = nullptr;
    query::Query* query = nullptr;
    query::EventLister* events = nullptr;
    query::AttemptLister* attempts = nullptr;
    matchrate::MatchRates* match_rates = nullptr;
    matchrate::MatchRateSimulation* simulation = nullptr;
    OpenWatches* watches = nullptr;
  };

  ConversionService(Backends backends, CallSurroundings surroundings, Readiness& readiness);

  grpc::ServerUnaryReactor* RecordEvents(grpc::CallbackServerContext* context,
                                         const v1::RecordEventsRequest* request,
                                         v1::RecordEventsResponse* response) override;
  grpc::ServerBidiReactor<v1::StreamEventsRequest, v1::StreamEventsResponse>* StreamEvents(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* ValidateEvents(grpc::CallbackServerContext* context,
                                           const v1::ValidateEventsRequest* request,
                                           v1::ValidateEventsResponse* response) override;
  grpc::ServerUnaryReactor* GetEvent(grpc::CallbackServerContext* context,
                                     const v1::GetEventRequest* request,
                                     v1::GetEventResponse* response) override;
  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context,
                                       const v1::ListEventsRequest* request,
                                       v1::ListEventsResponse* response) override;
  grpc::ServerUnaryReactor* ListAttempts(grpc::CallbackServerContext* context,
                                         const v1::ListAttemptsRequest* request,
                                         v1::ListAttemptsResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchEventsResponse>* WatchEvents(
      grpc::CallbackServerContext* context, const v1::WatchEventsRequest* request) override;
  grpc::ServerUnaryReactor* GetDeliveryStats(grpc::CallbackServerContext* context,
                                             const v1::GetDeliveryStatsRequest* request,
                                             v1::GetDeliveryStatsResponse* response) override;
  grpc::ServerUnaryReactor* GetMatchRates(grpc::CallbackServerContext* context,
                                          const v1::GetMatchRatesRequest* request,
                                          v1::GetMatchRatesResponse* response) override;
  grpc::ServerUnaryReactor* SimulateMatchRate(grpc::CallbackServerContext* context,
                                              const v1::SimulateMatchRateRequest* request,
                                              v1::SimulateMatchRateResponse* response) override;

 private:
  ArenaMessages<v1::RecordEventsRequest, v1::RecordEventsResponse> record_events_messages_;
  const Backends backends_;
  const CallSurroundings surroundings_;
  Readiness& readiness_;
};

}  // namespace snapledger::rpc
