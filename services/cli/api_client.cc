#include "services/cli/api_client.h"

#include <google/protobuf/util/time_util.h>
#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/base/error_details.h"
#include "services/base/status_macros.h"
#include "services/cli/file_text.h"
#include "snapledger/v1/admin_service.grpc.pb.h"
#include "snapledger/v1/conversion_service.grpc.pb.h"

namespace snapledger::cli {
namespace {

constexpr std::chrono::seconds kCallTimeMax{60};
constexpr int kMessageBytesMax = 64 << 20;
// OpenSSL's words for an answer in plaintext, and for any other that is no TLS to trust.
constexpr char kNoTls[] = "wrong version number";
constexpr char kNoTrust[] = "ssl_error_ssl";
constexpr char kUserAgent[] = "snapledger-cli";

void AddDetail(const google::protobuf::Any& any, base::ErrorDetails* details) {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  google::rpc::RetryInfo retry;
  if (any.UnpackTo(&info)) {
    for (const base::ErrorReason reason : base::AllErrorReasons()) {
      if (base::ErrorReasonName(reason) == info.reason()) details->reason = reason;
    }
  } else if (any.UnpackTo(&bad_request)) {
    for (const auto& violation : bad_request.field_violations()) {
      details->field_violations.push_back({violation.field(), violation.description()});
    }
  } else if (any.UnpackTo(&retry)) {
    details->retry_delay = absl::Nanoseconds(
        google::protobuf::util::TimeUtil::DurationToNanoseconds(retry.retry_delay()));
  }
}

// What to do about a TLS handshake that no repeat will mend; empty where it is something else.
std::string HandshakeAdvice(const grpc::Status& status) {
  const std::string message = absl::AsciiStrToLower(status.error_message());
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE) return "";
  if (absl::StrContains(message, kNoTls)) {
    return "the service does not answer in TLS; where it serves without, as serve --insecure does, "
           "give --insecure or set SNAPLEDGER_INSECURE=1";
  }
  if (!absl::StrContains(message, kNoTrust)) return "";
  return "no TLS with the service: check --ca, --cert and --key; " + status.error_message();
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const std::string advice = HandshakeAdvice(status);
  if (!advice.empty()) return absl::FailedPreconditionError(advice);
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status message;
  base::ErrorDetails details;
  if (message.ParseFromString(status.error_details())) {
    for (const google::protobuf::Any& any : message.details()) AddDetail(any, &details);
  }
  base::SetErrorDetails(details, &result);
  return result;
}

void Authorize(const std::string& caller_token, grpc::ClientContext* context) {
  if (!caller_token.empty()) context->AddMetadata("authorization", "Bearer " + caller_token);
}

class GrpcWatchCall final : public WatchCall {
 public:
  GrpcWatchCall(v1::ConversionService::Stub& stub, const v1::WatchEventsRequest& request,
                const std::string& caller_token) {
    Authorize(caller_token, &context_);
    reader_ = stub.WatchEvents(&context_, request);
  }

  bool Read(v1::WatchEventsResponse* message) override { return reader_->Read(message); }
  void Cancel() override { context_.TryCancel(); }
  absl::Status Finish() override {
    v1::WatchEventsResponse rest;
    while (reader_->Read(&rest)) {
    }
    return FromGrpc(reader_->Finish());
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchEventsResponse>> reader_;
};

class GrpcApiClient final : public ApiClient {
 public:
  GrpcApiClient(const std::shared_ptr<grpc::Channel>& channel, std::string caller_token)
      : conversions_(channel), admin_(channel), caller_token_(std::move(caller_token)) {}

  absl::Status Call(const v1::RecordEventsRequest& request,
                    v1::RecordEventsResponse* response) override {
    return Make(&v1::ConversionService::Stub::RecordEvents, conversions_, request, response);
  }
  absl::Status Call(const v1::ValidateEventsRequest& request,
                    v1::ValidateEventsResponse* response) override {
    return Make(&v1::ConversionService::Stub::ValidateEvents, conversions_, request, response);
  }
  absl::Status Call(const v1::GetEventRequest& request, v1::GetEventResponse* response) override {
    return Make(&v1::ConversionService::Stub::GetEvent, conversions_, request, response);
  }
  absl::Status Call(const v1::ListEventsRequest& request,
                    v1::ListEventsResponse* response) override {
    return Make(&v1::ConversionService::Stub::ListEvents, conversions_, request, response);
  }
  absl::Status Call(const v1::ListAttemptsRequest& request,
                    v1::ListAttemptsResponse* response) override {
    return Make(&v1::ConversionService::Stub::ListAttempts, conversions_, request, response);
  }
  absl::Status Call(const v1::GetDeliveryStatsRequest& request,
                    v1::GetDeliveryStatsResponse* response) override {
    return Make(&v1::ConversionService::Stub::GetDeliveryStats, conversions_, request, response);
  }
  absl::Status Call(const v1::GetMatchRatesRequest& request,
                    v1::GetMatchRatesResponse* response) override {
    return Make(&v1::ConversionService::Stub::GetMatchRates, conversions_, request, response);
  }
  absl::Status Call(const v1::SimulateMatchRateRequest& request,
                    v1::SimulateMatchRateResponse* response) override {
    return Make(&v1::ConversionService::Stub::SimulateMatchRate, conversions_, request, response);
  }
  absl::Status Call(const v1::CreateDestinationRequest& request,
                    v1::CreateDestinationResponse* response) override {
    return Make(&v1::AdminService::Stub::CreateDestination, admin_, request, response);
  }
  absl::Status Call(const v1::GetDestinationRequest& request,
                    v1::GetDestinationResponse* response) override {
    return Make(&v1::AdminService::Stub::GetDestination, admin_, request, response);
  }
  absl::Status Call(const v1::ListDestinationsRequest& request,
                    v1::ListDestinationsResponse* response) override {
    return Make(&v1::AdminService::Stub::ListDestinations, admin_, request, response);
  }
  absl::Status Call(const v1::UpdateDestinationRequest& request,
                    v1::UpdateDestinationResponse* response) override {
    return Make(&v1::AdminService::Stub::UpdateDestination, admin_, request, response);
  }
  absl::Status Call(const v1::DeleteDestinationRequest& request,
                    v1::DeleteDestinationResponse* response) override {
    return Make(&v1::AdminService::Stub::DeleteDestination, admin_, request, response);
  }
  absl::Status Call(const v1::PauseDestinationRequest& request,
                    v1::PauseDestinationResponse* response) override {
    return Make(&v1::AdminService::Stub::PauseDestination, admin_, request, response);
  }
  absl::Status Call(const v1::ResumeDestinationRequest& request,
                    v1::ResumeDestinationResponse* response) override {
    return Make(&v1::AdminService::Stub::ResumeDestination, admin_, request, response);
  }
  absl::Status Call(const v1::RotateDestinationTokenRequest& request,
                    v1::RotateDestinationTokenResponse* response) override {
    return Make(&v1::AdminService::Stub::RotateDestinationToken, admin_, request, response);
  }
  absl::Status Call(const v1::RedriveEventsRequest& request,
                    v1::RedriveEventsResponse* response) override {
    return Make(&v1::AdminService::Stub::RedriveEvents, admin_, request, response);
  }
  absl::Status Call(const v1::ResolveInDoubtEventsRequest& request,
                    v1::ResolveInDoubtEventsResponse* response) override {
    return Make(&v1::AdminService::Stub::ResolveInDoubtEvents, admin_, request, response);
  }
  absl::Status Call(const v1::CancelEventsRequest& request,
                    v1::CancelEventsResponse* response) override {
    return Make(&v1::AdminService::Stub::CancelEvents, admin_, request, response);
  }
  absl::Status Call(const v1::ListAuditEntriesRequest& request,
                    v1::ListAuditEntriesResponse* response) override {
    return Make(&v1::AdminService::Stub::ListAuditEntries, admin_, request, response);
  }
  absl::Status Call(const v1::VerifyAuditLogRequest& request,
                    v1::VerifyAuditLogResponse* response) override {
    return Make(&v1::AdminService::Stub::VerifyAuditLog, admin_, request, response);
  }
  std::unique_ptr<WatchCall> Watch(const v1::WatchEventsRequest& request) override {
    return std::make_unique<GrpcWatchCall>(conversions_, request, caller_token_);
  }

 private:
  template <typename Stub, typename Request, typename Response>
  absl::Status Make(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    Stub& stub, const Request& request, Response* response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kCallTimeMax);
    Authorize(caller_token_, &context);
    return FromGrpc((stub.*method)(&context, request, response));
  }

  v1::ConversionService::Stub conversions_;
  v1::AdminService::Stub admin_;
  const std::string caller_token_;
};

// What gRPC logs of a call that failed is in its status, which the command prints in its own words.
void SilenceGrpc() {
  if (std::getenv("GRPC_VERBOSITY") == nullptr) gpr_set_log_function([](gpr_log_func_args*) {});
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(
    const ClientSettings& settings) {
  if (settings.insecure) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  if (!settings.ca_file.empty()) {
    SNAPLEDGER_ASSIGN_OR_RETURN(options.pem_root_certs, ReadFileText(settings.ca_file));
  }
  if (!settings.certificate_file.empty()) {
    SNAPLEDGER_ASSIGN_OR_RETURN(options.pem_cert_chain, ReadFileText(settings.certificate_file));
  }
  if (!settings.key_file.empty()) {
    SNAPLEDGER_ASSIGN_OR_RETURN(options.pem_private_key, ReadFileText(settings.key_file));
  }
  return grpc::SslCredentials(options);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ApiClient>> ApiClient::Connect(const ClientSettings& settings) {
  // gRPC would take a missing port for 443 and wait for it.
  const size_t colon = settings.server.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == settings.server.size() ||
      settings.server.back() == ']') {
    return absl::InvalidArgumentError("--server must be HOST:PORT, not \"" + settings.server +
                                      "\"");
  }
  if (settings.certificate_file.empty() != settings.key_file.empty()) {
    return absl::InvalidArgumentError("--cert and --key belong together; give both or neither");
  }
  SNAPLEDGER_ASSIGN_OR_RETURN(auto credentials, CredentialsOf(settings));
  std::string token;
  if (!settings.caller_token_file.empty()) {
    SNAPLEDGER_ASSIGN_OR_RETURN(token, ReadFileText(settings.caller_token_file));
    absl::StripAsciiWhitespace(&token);
  }
  SilenceGrpc();
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  arguments.SetUserAgentPrefix(kUserAgent);
  return std::make_unique<GrpcApiClient>(
      grpc::CreateCustomChannel(settings.server, credentials, arguments), std::move(token));
}

}  // namespace snapledger::cli
