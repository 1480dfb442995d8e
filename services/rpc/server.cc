#include "services/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <utility>

#include "services/base/text.h"
#include "snapledger/v1/admin_service.grpc.pb.h"
#include "snapledger/v1/conversion_service.grpc.pb.h"

namespace snapledger::rpc {
namespace {

constexpr int kMetadataBytesMax = 16 << 10;
// A caller may hold a stream per producer on one connection.
constexpr int kStreamsPerConnectionMax = 1024;
constexpr size_t kMemoryBytesMax = size_t{1} << 30;
constexpr int kMillisecondsPerMinute = 60'000;
constexpr int kConnectionAgeMax = 30 * kMillisecondsPerMinute;
constexpr int kConnectionAgeGrace = 5 * kMillisecondsPerMinute;
constexpr int kConnectionIdleMax = 10 * kMillisecondsPerMinute;
constexpr int kKeepaliveTime = 60'000;
constexpr int kKeepaliveTimeout = 20'000;
constexpr int kPingIntervalMin = 30'000;
constexpr int kPingStrikesMax = 2;

void SetLimits(grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(kReceiveBytesMax);
  grpc::ResourceQuota quota("snapledger");
  quota.Resize(kMemoryBytesMax);
  builder->SetResourceQuota(quota);
  // Two processes on one port would share its calls without anybody noticing.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsPerConnectionMax);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, kConnectionAgeMax);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, kConnectionAgeGrace);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kConnectionIdleMax);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTime);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeout);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                              kPingIntervalMin);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kPingStrikesMax);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const std::string& listen,
                                                      const std::vector<grpc::Service*>& services) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetLimits(&builder);
  int port = 0;
  builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &port);
  for (grpc::Service* const service : services) builder.RegisterService(service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::UnavailableError(
        base::Concat("cannot listen on ", listen, ": is the address right and the port free?"));
  }
  const std::string host = listen.substr(0, listen.rfind(':'));
  std::unique_ptr<Server> started(new Server(std::move(server), base::Concat(host, ":", port)));
  started->SetReady(false);
  return started;
}

Server::Server(std::unique_ptr<grpc::Server> server, std::string address)
    : server_(std::move(server)), address_(std::move(address)) {}

void Server::SetReady(bool ready) {
  grpc::HealthCheckServiceInterface* const health = server_->GetHealthCheckService();
  health->SetServingStatus(v1::ConversionService::service_full_name(), ready);
  health->SetServingStatus(v1::AdminService::service_full_name(), ready);
}

void Server::Drain() { server_->GetHealthCheckService()->Shutdown(); }

void Server::Stop(absl::Duration patience) {
  server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(patience));
  server_->Wait();
}

}  // namespace snapledger::rpc
