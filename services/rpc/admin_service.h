#pragma once

#include <functional>

#include "services/destinations/destination_admin.h"
#include "services/matchrate/match_model.h"
#include "services/matchrate/match_observations.h"
#include "services/operators/event_operations.h"
#include "services/query/audit_log.h"
#include "services/query/page_token.h"
#include "services/rpc/unary_call.h"
#include "snapledger/v1/admin_service.grpc.pb.h"

namespace snapledger::rpc {

// snapledger.v1.AdminService. Served by processes with the role ingest or query. No method blocks.
class AdminService final : public v1::AdminService::CallbackService {
 public:
  // All are null where the roles of the process leave them out.
  struct Backends {
    destinations::DestinationAdmin* destinations = nullptr;
    operators::EventOperations* operations = nullptr;
    query::AuditLog* audit_log = nullptr;
    matchrate::MatchObservations* observations = nullptr;
    matchrate::MatchModel* match_model = nullptr;
  };

  // The arguments must outlive this.
  AdminService(Backends backends, const query::PageTokens& page_tokens,
               CallSurroundings surroundings)
      : admin_(backends.destinations),
        operations_(backends.operations),
        audit_log_(backends.audit_log),
        observations_(backends.observations),
        match_model_(backends.match_model),
        page_tokens_(page_tokens),
        surroundings_(surroundings) {}

  grpc::ServerUnaryReactor* CreateDestination(grpc::CallbackServerContext* context,
                                              const v1::CreateDestinationRequest* request,
                                              v1::CreateDestinationResponse* response) override;
  grpc::ServerUnaryReactor* GetDestination(grpc::CallbackServerContext* context,
                                           const v1::GetDestinationRequest* request,
                                           v1::GetDestinationResponse* response) override;
  grpc::ServerUnaryReactor* ListDestinations(grpc::CallbackServerContext* context,
                                             const v1::ListDestinationsRequest* request,
                                             v1::ListDestinationsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateDestination(grpc::CallbackServerContext* context,
                                              const v1::UpdateDestinationRequest* request,
                                              v1::UpdateDestinationResponse* response) override;
  grpc::ServerUnaryReactor* PauseDestination(grpc::CallbackServerContext* context,
                                             const v1::PauseDestinationRequest* request,
                                             v1::PauseDestinationResponse* response) override;
  grpc::ServerUnaryReactor* ResumeDestination(grpc::CallbackServerContext* context,
                                              const v1::ResumeDestinationRequest* request,
                                              v1::ResumeDestinationResponse* response) override;
  grpc::ServerUnaryReactor* RedriveEvents(grpc::CallbackServerContext* context,
                                          const v1::RedriveEventsRequest* request,
                                          v1::RedriveEventsResponse* response) override;
  grpc::ServerUnaryReactor* ResolveInDoubtEvents(
      grpc::CallbackServerContext* context, const v1::ResolveInDoubtEventsRequest* request,
      v1::ResolveInDoubtEventsResponse* response) override;
  grpc::ServerUnaryReactor* CancelEvents(grpc::CallbackServerContext* context,
                                         const v1::CancelEventsRequest* request,
                                         v1::CancelEventsResponse* response) override;

  grpc::ServerUnaryReactor* DeleteDestination(grpc::CallbackServerContext* context,
                                              const v1::DeleteDestinationRequest* request,
                                              v1::DeleteDestinationResponse* response) override;
  grpc::ServerUnaryReactor* RotateDestinationToken(
      grpc::CallbackServerContext* context, const v1::RotateDestinationTokenRequest* request,
      v1::RotateDestinationTokenResponse* response) override;
  grpc::ServerUnaryReactor* RecordMatchObservation(
      grpc::CallbackServerContext* context, const v1::RecordMatchObservationRequest* request,
      v1::RecordMatchObservationResponse* response) override;
  grpc::ServerUnaryReactor* ListMatchObservations(
      grpc::CallbackServerContext* context, const v1::ListMatchObservationsRequest* request,
      v1::ListMatchObservationsResponse* response) override;
  grpc::ServerUnaryReactor* GetMatchModel(grpc::CallbackServerContext* context,
                                          const v1::GetMatchModelRequest* request,
                                          v1::GetMatchModelResponse* response) override;

  grpc::ServerUnaryReactor* ListAuditEntries(grpc::CallbackServerContext* context,
                                             const v1::ListAuditEntriesRequest* request,
                                             v1::ListAuditEntriesResponse* response) override;
  grpc::ServerUnaryReactor* VerifyAuditLog(grpc::CallbackServerContext* context,
                                           const v1::VerifyAuditLogRequest* request,
                                           v1::VerifyAuditLogResponse* response) override;

  // Declared; later releases serve them.
  grpc::ServerUnaryReactor* EraseSubject(grpc::CallbackServerContext* context,
                                         const v1::EraseSubjectRequest*,
                                         v1::EraseSubjectResponse*) override {
    return Refuse(context, "EraseSubject");
  }
  grpc::ServerUnaryReactor* CreateCaller(grpc::CallbackServerContext* context,
                                         const v1::CreateCallerRequest*,
                                         v1::CreateCallerResponse*) override {
    return Refuse(context, "CreateCaller");
  }
  grpc::ServerUnaryReactor* UpdateCaller(grpc::CallbackServerContext* context,
                                         const v1::UpdateCallerRequest*,
                                         v1::UpdateCallerResponse*) override {
    return Refuse(context, "UpdateCaller");
  }
  grpc::ServerUnaryReactor* ListCallers(grpc::CallbackServerContext* context,
                                        const v1::ListCallersRequest*,
                                        v1::ListCallersResponse*) override {
    return Refuse(context, "ListCallers");
  }
  grpc::ServerUnaryReactor* RevokeCaller(grpc::CallbackServerContext* context,
                                         const v1::RevokeCallerRequest*,
                                         v1::RevokeCallerResponse*) override {
    return Refuse(context, "RevokeCaller");
  }

 private:
  grpc::ServerUnaryReactor* Refuse(grpc::CallbackServerContext* context, std::string_view method);
  grpc::ServerUnaryReactor* Post(grpc::CallbackServerContext* context, std::string_view method,
                                 std::function<absl::Status()> work);
  absl::Status List(const v1::ListDestinationsRequest& request,
                    v1::ListDestinationsResponse* response);

  destinations::DestinationAdmin* const admin_;
  operators::EventOperations* const operations_;
  query::AuditLog* const audit_log_;
  matchrate::MatchObservations* const observations_;
  matchrate::MatchModel* const match_model_;
  const query::PageTokens& page_tokens_;
  const CallSurroundings surroundings_;
};

}  // namespace snapledger::rpc
