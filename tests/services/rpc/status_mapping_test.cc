#include "services/rpc/status_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/base/error_details.h"

namespace snapledger::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

template <typename Detail>
std::optional<Detail> DetailOf(const grpc::Status& status) {
  google::rpc::Status message;
  EXPECT_TRUE(message.ParseFromString(status.error_details()));
  EXPECT_EQ(message.code(), status.error_code());
  EXPECT_EQ(message.message(), status.error_message());
  for (const auto& any : message.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

std::string ReasonOf(const grpc::Status& status) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  if (!info) return "(none)";
  EXPECT_EQ(info->domain(), "snapledger");
  return info->reason();
}

TEST(StatusMappingTest, OkStaysOk) { EXPECT_TRUE(ToGrpcStatus(absl::OkStatus(), "M").ok()); }

TEST(StatusMappingTest, WrongFieldsBecomeBadRequest) {
  const grpc::Status status =
      ToGrpcStatus(base::InvalidFieldsError({{"kind", "is required"}, {"x", "is wrong"}}), "M");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST");
  const auto bad_request = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_TRUE(bad_request);
  ASSERT_EQ(bad_request->field_violations_size(), 2);
  EXPECT_EQ(bad_request->field_violations(1).field(), "x");
}

TEST(StatusMappingTest, PathAtTheBeginningOfAPlainMessageBecomesTheField) {
  const grpc::Status status =
      ToGrpcStatus(absl::InvalidArgumentError("events[3].name: too long"), "M");
  const auto bad_request = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_TRUE(bad_request);
  EXPECT_EQ(bad_request->field_violations(0).field(), "events[3].name");
  EXPECT_EQ(bad_request->field_violations(0).description(), "too long");
}

TEST(StatusMappingTest, UnknownDestinationCarriesResourceInfo) {
  const grpc::Status status = ToGrpcStatus(base::DestinationNotFoundError("px"), "M");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "DESTINATION_NOT_FOUND");
  const auto resource = DetailOf<google::rpc::ResourceInfo>(status);
  ASSERT_TRUE(resource);
  EXPECT_EQ(resource->resource_type(), "destination");
  EXPECT_EQ(resource->resource_name(), "px");
}

TEST(StatusMappingTest, ExhaustedCarriesRetryInfoAndQuotaFailure) {
  const grpc::Status status =
      ToGrpcStatus(base::ExhaustedError(base::ErrorReason::kIntakeFull, "intake", "full",
                                        absl::Milliseconds(1250)),
                   "M");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const auto retry = DetailOf<google::rpc::RetryInfo>(status);
  ASSERT_TRUE(retry);
  EXPECT_EQ(retry->retry_delay().seconds(), 1);
  EXPECT_EQ(retry->retry_delay().nanos(), 250'000'000);
  const auto quota = DetailOf<google::rpc::QuotaFailure>(status);
  ASSERT_TRUE(quota);
  EXPECT_EQ(quota->violations(0).subject(), "intake");
}

TEST(StatusMappingTest, TextsOfTheDatabaseStayInside) {
  const grpc::Status status =
      ToGrpcStatus(absl::UnavailableError("could not connect to db.internal port 5432"), "M");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "LEDGER_UNAVAILABLE");
  EXPECT_THAT(status.error_message(), Not(HasSubstr("db.internal")));
  EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(status));
}

TEST(StatusMappingTest, InternalErrorsAreBlanked) {
  for (const absl::Status& inside : {absl::InternalError("secret"), absl::UnknownError("secret"),
                                     absl::DataLossError("secret")}) {
    const grpc::Status status = ToGrpcStatus(inside, "M");
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
    EXPECT_EQ(ReasonOf(status), "INTERNAL_ERROR");
    EXPECT_THAT(status.error_message() + status.error_details(), Not(HasSubstr("secret")));
  }
}

TEST(StatusMappingTest, ContentionIsToBeRepeated) {
  const grpc::Status status = ToGrpcStatus(absl::AbortedError("deadlock"), "M");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(status));
}

TEST(StatusMappingTest, UnmetPreconditionIsNamed) {
  const grpc::Status status = ToGrpcStatus(
      base::FailedPreconditionError(base::ErrorReason::kRoleNotServed, "roles", "not here"), "M");
  EXPECT_EQ(ReasonOf(status), "ROLE_NOT_SERVED");
  const auto failure = DetailOf<google::rpc::PreconditionFailure>(status);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->violations(0).type(), "ROLE_NOT_SERVED");
  EXPECT_EQ(failure->violations(0).subject(), "roles");
}

TEST(StatusMappingTest, DetailsStayBelowTheMetadataLimit) {
  std::vector<base::FieldViolation> violations;
  for (int i = 0; i < 1000; ++i) {
    violations.push_back({std::string(5000, 'f'), std::string(5000, 'd')});
  }
  const grpc::Status status = ToGrpcStatus(base::InvalidFieldsError(violations), "M");
  EXPECT_LE(status.error_details().size(), kDetailsBytesMax);
  EXPECT_TRUE(DetailOf<google::rpc::BadRequest>(status));
}

TEST(StatusMappingTest, TextIsCutBetweenCharacters) {
  std::string umlauts;
  for (int i = 0; i < 1000; ++i) umlauts += "ü";
  const grpc::Status status = ToGrpcStatus(absl::NotFoundError("x" + umlauts), "M");
  EXPECT_EQ(ReasonOf(status), "DESTINATION_NOT_FOUND");
  EXPECT_EQ(status.error_message().size() % 2, 1U);
}

}  // namespace
}  // namespace snapledger::rpc
