#include "services/rpc/admin_service.h"

#include <utility>

#include "services/base/status_macros.h"
#include "services/rpc/refusal.h"

namespace snapledger::rpc {
namespace {

constexpr char kDestinationsFilter[] = "ListDestinations";
// Who acts, until callers are told apart.
constexpr std::string_view kActor = "administrator";

}  // namespace

grpc::ServerUnaryReactor* AdminService::CreateDestination(
    grpc::CallbackServerContext* context, const v1::CreateDestinationRequest* request,
    v1::CreateDestinationResponse* response) {
  return Post(context, "CreateDestination", [this, request, response] {
    return admin_->Create(*request, kActor, response->mutable_destination());
  });
}

grpc::ServerUnaryReactor* AdminService::GetDestination(grpc::CallbackServerContext* context,
                                                       const v1::GetDestinationRequest* request,
                                                       v1::GetDestinationResponse* response) {
  return Post(context, "GetDestination", [this, request, response] {
    return admin_->Get(request->destination_id(), response->mutable_destination());
  });
}

grpc::ServerUnaryReactor* AdminService::ListDestinations(grpc::CallbackServerContext* context,
                                                         const v1::ListDestinationsRequest* request,
                                                         v1::ListDestinationsResponse* response) {
  return Post(context, "ListDestinations",
              [this, request, response] { return List(*request, response); });
}

grpc::ServerUnaryReactor* AdminService::UpdateDestination(
    grpc::CallbackServerContext* context, const v1::UpdateDestinationRequest* request,
    v1::UpdateDestinationResponse* response) {
  return Post(context, "UpdateDestination", [this, request, response] {
    return admin_->Update(*request, kActor, response->mutable_destination());
  });
}

grpc::ServerUnaryReactor* AdminService::PauseDestination(grpc::CallbackServerContext* context,
                                                         const v1::PauseDestinationRequest* request,
                                                         v1::PauseDestinationResponse* response) {
  return Post(context, "PauseDestination", [this, request, response] {
    return admin_->Pause(*request, kActor, response->mutable_destination());
  });
}

grpc::ServerUnaryReactor* AdminService::ResumeDestination(
    grpc::CallbackServerContext* context, const v1::ResumeDestinationRequest* request,
    v1::ResumeDestinationResponse* response) {
  return Post(context, "ResumeDestination", [this, request, response] {
    return admin_->Resume(request->destination_id(), kActor, response->mutable_destination());
  });
}

grpc::ServerUnaryReactor* AdminService::RedriveEvents(grpc::CallbackServerContext* context,
                                                      const v1::RedriveEventsRequest* request,
                                                      v1::RedriveEventsResponse* response) {
  return Post(context, "RedriveEvents", [this, request, response] {
    return operations_->Redrive(*request, kActor, response);
  });
}

grpc::ServerUnaryReactor* AdminService::ResolveInDoubtEvents(
    grpc::CallbackServerContext* context, const v1::ResolveInDoubtEventsRequest* request,
    v1::ResolveInDoubtEventsResponse* response) {
  return Post(context, "ResolveInDoubtEvents", [this, request, response] {
    return operations_->ResolveInDoubt(*request, kActor, response);
  });
}

grpc::ServerUnaryReactor* AdminService::CancelEvents(grpc::CallbackServerContext* context,
                                                     const v1::CancelEventsRequest* request,
                                                     v1::CancelEventsResponse* response) {
  return Post(context, "CancelEvents", [this, request, response] {
    return operations_->Cancel(*request, kActor, response);
  });
}

grpc::ServerUnaryReactor* AdminService::DeleteDestination(
    grpc::CallbackServerContext* context, const v1::DeleteDestinationRequest* request,
    v1::DeleteDestinationResponse* /*response*/) {
  return Post(context, "DeleteDestination",
              [this, request] { return admin_->Delete(request->destination_id(), kActor); });
}

grpc::ServerUnaryReactor* AdminService::RotateDestinationToken(
    grpc::CallbackServerContext* context, const v1::RotateDestinationTokenRequest* request,
    v1::RotateDestinationTokenResponse* response) {
  return Post(context, "RotateDestinationToken", [this, request, response] {
    return admin_->RotateToken(*request, kActor, response->mutable_destination());
  });
}

grpc::ServerUnaryReactor* AdminService::ListAuditEntries(grpc::CallbackServerContext* context,
                                                         const v1::ListAuditEntriesRequest* request,
                                                         v1::ListAuditEntriesResponse* response) {
  return Post(context, "ListAuditEntries",
              [this, request, response] { return audit_log_->List(*request, response); });
}

grpc::ServerUnaryReactor* AdminService::VerifyAuditLog(grpc::CallbackServerContext* context,
                                                       const v1::VerifyAuditLogRequest* /*request*/,
                                                       v1::VerifyAuditLogResponse* response) {
  return Post(context, "VerifyAuditLog", [this, response] { return audit_log_->Verify(response); });
}

grpc::ServerUnaryReactor* AdminService::RecordMatchObservation(
    grpc::CallbackServerContext* context, const v1::RecordMatchObservationRequest* request,
    v1::RecordMatchObservationResponse* response) {
  return Post(context, "RecordMatchObservation", [this, request, response] {
    return observations_->Record(*request, kActor, response);
  });
}

grpc::ServerUnaryReactor* AdminService::ListMatchObservations(
    grpc::CallbackServerContext* context, const v1::ListMatchObservationsRequest* request,
    v1::ListMatchObservationsResponse* response) {
  return Post(context, "ListMatchObservations",
              [this, request, response] { return observations_->List(*request, response); });
}

grpc::ServerUnaryReactor* AdminService::GetMatchModel(grpc::CallbackServerContext* context,
                                                      const v1::GetMatchModelRequest* request,
                                                      v1::GetMatchModelResponse* response) {
  return Post(context, "GetMatchModel",
              [this, request, response] { return match_model_->Get(*request, response); });
}

absl::Status AdminService::List(const v1::ListDestinationsRequest& request,
                                v1::ListDestinationsResponse* response) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const int page_size, query::PageSize(request.page_size()));
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::string after,
                              page_tokens_.Read(kDestinationsFilter, request.page_token()));
  bool more = false;
  SNAPLEDGER_RETURN_IF_ERROR(admin_->List(after, page_size, response, &more));
  if (more) {
    const std::string& last = response->destinations().rbegin()->destination_id();
    response->set_next_page_token(page_tokens_.Make(kDestinationsFilter, last));
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* AdminService::Post(grpc::CallbackServerContext* context,
                                             std::string_view method,
                                             std::function<absl::Status()> work) {
  const UnaryCall call(context, method, surroundings_);
  if (admin_ != nullptr) return call.Post(std::move(work));
  grpc::ServerUnaryReactor* const reactor = call.reactor();
  call.Finish(RoleNotServed(method, "ingest or query"));
  return reactor;
}

grpc::ServerUnaryReactor* AdminService::Refuse(grpc::CallbackServerContext* context,
                                               std::string_view method) {
  const UnaryCall call(context, method, surroundings_);
  grpc::ServerUnaryReactor* const reactor = call.reactor();
  call.Finish(NotServedYet(method));
  return reactor;
}

}  // namespace snapledger::rpc
