// Observations of matches through the API: kept, listed page by page, refused where they cannot be.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/e2e/deployment.h"

namespace snapledger::e2e {
namespace {

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";

v1::MatchObservation Observation(int64_t matched, int64_t total) {
  v1::MatchObservation observation;
  observation.set_destination(kPixel);
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  observation.mutable_window()->mutable_start_time()->set_seconds(now / 86400 * 86400 - 86400);
  observation.mutable_window()->mutable_end_time()->set_seconds(now / 86400 * 86400);
  observation.set_matched(matched);
  observation.set_total(total);
  observation.set_evidence("Ads Manager export");
  return observation;
}

grpc::Status Keep(Service& service, const v1::MatchObservation& observation,
                  v1::MatchObservation* kept = nullptr) {
  grpc::ClientContext context;
  v1::RecordMatchObservationRequest request;
  *request.mutable_observation() = observation;
  v1::RecordMatchObservationResponse response;
  const grpc::Status status = service.admin->RecordMatchObservation(&context, request, &response);
  if (kept != nullptr) *kept = response.observation();
  return status;
}

grpc::Status ListPage(Service& service, const std::string& destination, const std::string& token,
                      v1::ListMatchObservationsResponse* response) {
  grpc::ClientContext context;
  v1::ListMatchObservationsRequest request;
  request.set_destination(destination);
  request.set_page_size(2);
  request.set_page_token(token);
  return service.admin->ListMatchObservations(&context, request, response);
}

template <typename Detail>
Detail DetailOf(const grpc::Status& status) {
  google::rpc::Status message;
  message.ParseFromString(status.error_details());
  Detail wanted;
  for (const google::protobuf::Any& detail : message.details()) {
    if (detail.UnpackTo(&wanted)) break;
  }
  return wanted;
}

TEST(ObservationTest, IsKeptOnceAndListed) {
  Deployment deployment;
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  CreateDestination(service, "other", v1::DESTINATION_KIND_PIXEL);

  v1::MatchObservation first;
  v1::MatchObservation given = Observation(612, 1000);
  given.set_evidence_sha256(std::string(64, 'B'));
  given.add_kinds(v1::IDENTIFIER_KIND_PHONE);
  ASSERT_TRUE(Keep(service, given, &first).ok());
  EXPECT_EQ(first.observation_id().size(), 36);
  EXPECT_EQ(first.recorded_by(), "administrator");
  EXPECT_EQ(first.evidence_sha256(), std::string(64, 'b'));
  ASSERT_EQ(first.kinds_size(), 1);
  EXPECT_EQ(first.kinds(0), v1::IDENTIFIER_KIND_PHONE);
  EXPECT_TRUE(first.has_record_time());

  const grpc::Status twice = Keep(service, given);
  EXPECT_EQ(twice.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(twice).reason(), "OBSERVATION_EXISTS");
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(twice).resource_name(), first.observation_id());

  for (int i = 1; i <= 4; ++i) ASSERT_TRUE(Keep(service, Observation(i, 10)).ok());
  std::vector<int64_t> matched;
  std::string token;
  do {
    v1::ListMatchObservationsResponse page;
    ASSERT_TRUE(ListPage(service, kPixel, token, &page).ok());
    EXPECT_LE(page.observations_size(), 2);
    for (const v1::MatchObservation& one : page.observations()) matched.push_back(one.matched());
    token = page.next_page_token();
    if (!token.empty()) {
      v1::ListMatchObservationsResponse none;
      EXPECT_EQ(ListPage(service, "other", token, &none).error_code(),
                grpc::StatusCode::INVALID_ARGUMENT);
    }
  } while (!token.empty());
  EXPECT_EQ(matched, (std::vector<int64_t>{4, 3, 2, 1, 612}));
}

TEST(ObservationTest, WhatCannotBeIsRefused) {
  Deployment deployment;
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  const grpc::Status too_many = Keep(service, Observation(11, 10));
  EXPECT_EQ(too_many.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const auto violations = DetailOf<google::rpc::BadRequest>(too_many);
  ASSERT_EQ(violations.field_violations_size(), 1);
  EXPECT_EQ(violations.field_violations(0).field(), "observation.matched");

  v1::MatchObservation future = Observation(1, 10);
  future.mutable_window()->mutable_end_time()->set_seconds(
      absl::ToUnixSeconds(absl::Now() + absl::Hours(1)));
  EXPECT_EQ(Keep(service, future).error_code(), grpc::StatusCode::INVALID_ARGUMENT);

  v1::MatchObservation unknown = Observation(1, 10);
  unknown.set_destination("nowhere");
  EXPECT_EQ(Keep(service, unknown).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Keep(service, {}).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  v1::ListMatchObservationsResponse page;
  EXPECT_EQ(ListPage(service, "nowhere", "", &page).error_code(), grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace snapledger::e2e
