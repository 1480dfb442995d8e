#include "services/cli/api_client.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "snapledger/v1/conversion_service.grpc.pb.h"
#include "tests/support/status_matchers.h"

namespace snapledger::cli {
namespace {

using support::StatusIs;
using ::testing::HasSubstr;

TEST(ApiClientTest, ACertificateWithoutItsKeyIsRefused) {
  ClientSettings settings{.server = "127.0.0.1:1"};
  settings.certificate_file = "caller.pem";
  EXPECT_THAT(ApiClient::Connect(settings),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--cert and --key")));
}

// FAILED_PRECONDITION, which no command repeats.
TEST(ApiClientTest, AServiceWithoutTlsIsToldAsSuch) {
  v1::ConversionService::Service service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  ASSERT_OK_AND_ASSIGN(const auto client,
                       ApiClient::Connect({.server = "127.0.0.1:" + std::to_string(port)}));
  v1::GetEventResponse response;
  EXPECT_THAT(client->Call(v1::GetEventRequest(), &response),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("give --insecure")));
}

}  // namespace
}  // namespace snapledger::cli
