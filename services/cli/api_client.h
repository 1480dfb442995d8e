#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "snapledger/v1/admin_service.pb.h"
#include "snapledger/v1/conversion_service.pb.h"

namespace snapledger::cli {

struct ClientSettings {
  std::string server = "127.0.0.1:50051";
  bool insecure = false;
  std::string ca_file, certificate_file, key_file;
  std::string caller_token_file;
};

// One WatchEvents call. Cancel may be called from another thread, the rest from one only.
class WatchCall {
 public:
  virtual ~WatchCall() = default;

  // Blocks until there is a message; false: the call is over.
  virtual bool Read(v1::WatchEventsResponse* message) = 0;
  // Ends the call; Read then gives false.
  virtual void Cancel() = 0;
  // How it ended; once Read gave false, or after Cancel.
  virtual absl::Status Finish() = 0;
};

// The service as the commands call it. Each call blocks up to a minute; failures carry the details
// the service sent (base/error_details.h). Thread-safe.
class ApiClient {
 public:
  // Reads the files the settings name; does not wait for the service.
  static absl::StatusOr<std::unique_ptr<ApiClient>> Connect(const ClientSettings& settings);
  virtual ~ApiClient() = default;

  virtual absl::Status Call(const v1::RecordEventsRequest& request,
                            v1::RecordEventsResponse* response) = 0;
  virtual absl::Status Call(const v1::ValidateEventsRequest& request,
                            v1::ValidateEventsResponse* response) = 0;
  virtual absl::Status Call(const v1::GetEventRequest& request, v1::GetEventResponse* response) = 0;
  virtual absl::Status Call(const v1::ListEventsRequest& request,
                            v1::ListEventsResponse* response) = 0;
  virtual absl::Status Call(const v1::ListAttemptsRequest& request,
                            v1::ListAttemptsResponse* response) = 0;
  virtual absl::Status Call(const v1::GetDeliveryStatsRequest& request,
                            v1::GetDeliveryStatsResponse* response) = 0;
  virtual absl::Status Call(const v1::GetMatchRatesRequest& request,
                            v1::GetMatchRatesResponse* response) = 0;
  virtual absl::Status Call(const v1::SimulateMatchRateRequest& request,
                            v1::SimulateMatchRateResponse* response) = 0;
  virtual absl::Status Call(const v1::CreateDestinationRequest& request,
                            v1::CreateDestinationResponse* response) = 0;
  virtual absl::Status Call(const v1::GetDestinationRequest& request,
                            v1::GetDestinationResponse* response) = 0;
  virtual absl::Status Call(const v1::ListDestinationsRequest& request,
                            v1::ListDestinationsResponse* response) = 0;
  virtual absl::Status Call(const v1::UpdateDestinationRequest& request,
                            v1::UpdateDestinationResponse* response) = 0;
  virtual absl::Status Call(const v1::DeleteDestinationRequest& request,
                            v1::DeleteDestinationResponse* response) = 0;
  virtual absl::Status Call(const v1::PauseDestinationRequest& request,
                            v1::PauseDestinationResponse* response) = 0;
  virtual absl::Status Call(const v1::ResumeDestinationRequest& request,
                            v1::ResumeDestinationResponse* response) = 0;
  virtual absl::Status Call(const v1::RotateDestinationTokenRequest& request,
                            v1::RotateDestinationTokenResponse* response) = 0;
  virtual absl::Status Call(const v1::RedriveEventsRequest& request,
                            v1::RedriveEventsResponse* response) = 0;
  virtual absl::Status Call(const v1::ResolveInDoubtEventsRequest& request,
                            v1::ResolveInDoubtEventsResponse* response) = 0;
  virtual absl::Status Call(const v1::CancelEventsRequest& request,
                            v1::CancelEventsResponse* response) = 0;
  virtual absl::Status Call(const v1::ListAuditEntriesRequest& request,
                            v1::ListAuditEntriesResponse* response) = 0;
  virtual absl::Status Call(const v1::VerifyAuditLogRequest& request,
                            v1::VerifyAuditLogResponse* response) = 0;

  // Begins a watch, which lasts until it is canceled or fails. This must outlive it.
  virtual std::unique_ptr<WatchCall> Watch(const v1::WatchEventsRequest& request) = 0;
};

}  // namespace snapledger::cli
