// Every call the API declares, made to the real service: none answers UNIMPLEMENTED but those that
// come with a later release, and each failure says why in the closed list of docs/errors.md.

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/base/error_details.h"
#include "tests/e2e/deployment.h"

namespace snapledger::e2e {
namespace {

// Come with later releases. A method that is served is taken off.
const std::set<std::string> kOfLaterReleases = {"EraseSubject", "CreateCaller", "UpdateCaller",
                                                "ListCallers", "RevokeCaller"};

constexpr std::chrono::seconds kCallTimeMax{20};

std::vector<const google::protobuf::MethodDescriptor*> AllMethods() {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  const auto* const pool = google::protobuf::DescriptorPool::generated_pool();
  for (const char* const name : {"snapledger.v1.ConversionService", "snapledger.v1.AdminService"}) {
    const google::protobuf::ServiceDescriptor* const service = pool->FindServiceByName(name);
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return methods;
}

// One message without a field, as bytes: no client code knows what it calls. Read to its end.
grpc::Status CallWithNothing(grpc::GenericStub& stub,
                             const google::protobuf::MethodDescriptor& method) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallTimeMax);
  grpc::CompletionQueue queue;
  const auto call =
      stub.PrepareCall(&context, "/" + method.service()->full_name() + "/" + method.name(), &queue);
  void* tag = nullptr;
  bool ok = false;
  const auto next = [&] { return queue.Next(&tag, &ok) && ok; };
  call->StartCall(&tag);
  next();
  grpc::Slice empty;
  call->WriteLast(grpc::ByteBuffer(&empty, 1), grpc::WriteOptions(), &tag);
  next();
  grpc::ByteBuffer answer;
  do {
    call->Read(&answer, &tag);
  } while (next());
  grpc::Status status;
  call->Finish(&status, &tag);
  next();
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) continue;
  return status;
}

// The reason in the failure's ErrorInfo of our domain; empty where there is none.
std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status message;
  if (!message.ParseFromString(status.error_details())) return "";
  for (const google::protobuf::Any& detail : message.details()) {
    google::rpc::ErrorInfo info;
    if (detail.UnpackTo(&info) && info.domain() == "snapledger") return info.reason();
  }
  return "";
}

std::set<std::string> KnownReasons() {
  std::set<std::string> reasons;
  for (const base::ErrorReason reason : base::AllErrorReasons()) {
    reasons.insert(std::string(base::ErrorReasonName(reason)));
  }
  return reasons;
}

TEST(EveryRpcTest, IsServedOrSaysThatItComesLater) {
  Deployment deployment;
  Service service = deployment.StartService();
  grpc::GenericStub stub(grpc::CreateChannel(service.address, grpc::InsecureChannelCredentials()));
  const std::set<std::string> reasons = KnownReasons();
  int called = 0;
  for (const google::protobuf::MethodDescriptor* const method : AllMethods()) {
    SCOPED_TRACE(method->full_name());
    const grpc::Status status = CallWithNothing(stub, *method);
    const bool later = kOfLaterReleases.contains(method->name());
    EXPECT_EQ(status.error_code() == grpc::StatusCode::UNIMPLEMENTED, later)
        << status.error_message();
    if (!status.ok()) {
      EXPECT_THAT(reasons, ::testing::Contains(ReasonOf(status)));
    }
    ++called;
  }
  EXPECT_GE(called, 29);
}

// A name on a list that no method has any more would hide nothing, and mislead.
TEST(EveryRpcTest, TheListsNameMethodsThatExist) {
  std::set<std::string> names;
  for (const google::protobuf::MethodDescriptor* const method : AllMethods()) {
    names.insert(method->name());
  }
  for (const std::string& name : kOfLaterReleases) EXPECT_TRUE(names.contains(name)) << name;
}

}  // namespace
}  // namespace snapledger::e2e
