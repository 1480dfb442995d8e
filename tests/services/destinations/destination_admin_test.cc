#include "services/destinations/destination_admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/base/error_details.h"
#include "services/destinations/token_context.h"
#include "tests/services/destinations/fake_destination_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_data_key_store.h"
#include "tests/support/status_matchers.h"

namespace snapledger::destinations {
namespace {

using support::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kToken[] = "the-access-token";

class DestinationAdminTest : public ::testing::Test {
 protected:
  DestinationAdminTest() {
    keys_.key_encryption_keys.emplace(1, base::Secret(std::string(32, 'k')));
  }

  v1::CreateDestinationRequest Request(const std::string& id) {
    v1::CreateDestinationRequest request;
    request.set_destination_id(id);
    request.set_kind(v1::DESTINATION_KIND_PIXEL);
    request.set_access_token(kToken);
    return request;
  }

  absl::Status Rotate(const std::string& token, bool drop_others = false,
                      const std::string& id = "px") {
    v1::RotateDestinationTokenRequest request;
    request.set_destination_id(id);
    request.set_access_token(token);
    request.set_drop_others(drop_others);
    destination_.Clear();
    return admin_.RotateToken(request, "somebody", &destination_);
  }

  // Newest first, as this process would send with them.
  std::vector<std::string> LiveTokens(const std::string& id = "px") {
    std::vector<std::string> secrets;
    for (const auto& token : directory_.Find(id).value()->tokens) {
      secrets.emplace_back(token.secret.Reveal());
    }
    return secrets;
  }

  base::ErrorReason ReasonOf(const absl::Status& status) {
    return base::GetErrorDetails(status).reason.value();
  }

  support::FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  support::FakeDataKeyStore data_keys_;
  security::KeyRing keys_;
  security::Envelope envelope_{keys_, data_keys_, clock_};
  FakeDestinationStore store_;
  DestinationDirectory directory_{store_, envelope_};
  std::vector<int32_t> changed_;
  DestinationAdmin admin_{store_, envelope_, directory_,
                          [this](const std::vector<int32_t>& shards) { changed_ = shards; }};
  v1::Destination destination_;
};

TEST_F(DestinationAdminTest, CreatedDestinationIsKnownAtOnceAndNeverShowsItsToken) {
  ASSERT_OK(admin_.Create(Request("px"), "somebody", &destination_));
  EXPECT_EQ(destination_.settings().max_events_per_request(), 2000);
  ASSERT_EQ(destination_.tokens_size(), 1);
  EXPECT_THAT(destination_.SerializeAsString(), Not(HasSubstr(kToken)));
  ASSERT_OK_AND_ASSIGN(const DestinationPtr known, directory_.Find("px"));
  EXPECT_EQ(known->tokens.at(0).secret.Reveal(), kToken);
}

TEST_F(DestinationAdminTest, TokenIsStoredSealedForItsPlace) {
  ASSERT_OK(admin_.Create(Request("px"), "somebody", &destination_));
  ASSERT_OK_AND_ASSIGN(const storage::Destination stored, store_.Get("px"));
  const storage::DestinationToken& token = stored.tokens.at(0);
  EXPECT_THAT(token.sealed, Not(HasSubstr(kToken)));
  EXPECT_OK(envelope_.OpenSecret(token.sealed, TokenContext("px", token.token_id)));
  EXPECT_FALSE(envelope_.OpenSecret(token.sealed, TokenContext("other", token.token_id)).ok());
}

TEST_F(DestinationAdminTest, EveryWrongFieldIsNamed) {
  v1::CreateDestinationRequest request;
  request.set_destination_id("../x");
  request.set_display_name(std::string(129, 'n'));
  request.set_access_token(" \n");
  request.mutable_settings()->set_lane_count(99);
  const absl::Status status = admin_.Create(request, "somebody", &destination_);
  ASSERT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  std::vector<std::string> fields;
  for (const auto& violation : base::GetErrorDetails(status).field_violations) {
    fields.push_back(violation.field);
  }
  EXPECT_THAT(fields, ::testing::ElementsAre("destination_id", "kind", "display_name",
                                             "access_token", "settings.lane_count"));
}

TEST_F(DestinationAdminTest, TheShardsOfWhatIsResumedAreToldAtOnce) {
  ASSERT_OK(admin_.Create(Request("px"), "somebody", &destination_));
  v1::PauseDestinationRequest pause;
  pause.set_destination_id("px");
  ASSERT_OK(admin_.Pause(pause, "somebody", &destination_));
  changed_.clear();
  ASSERT_OK(admin_.Resume("px", "somebody", &destination_));
  EXPECT_EQ(changed_, directory_.List().at(0)->stored.shards);
}

TEST_F(DestinationAdminTest, SecondOfAnIdIsRefused) {
  ASSERT_OK(admin_.Create(Request("px"), "somebody", &destination_));
  const absl::Status status = admin_.Create(Request("px"), "somebody", &destination_);
  ASSERT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(ReasonOf(status), base::ErrorReason::kDestinationExists);
}

TEST_F(DestinationAdminTest, UnknownDestinationIsNotFoundInEveryCall) {
  v1::UpdateDestinationRequest update;
  update.set_destination_id("nope");
  v1::PauseDestinationRequest pause;
  pause.set_destination_id("nope");
  for (const absl::Status& status :
       {admin_.Get("nope", &destination_), admin_.Update(update, "somebody", &destination_),
        admin_.Pause(pause, "somebody", &destination_),
        admin_.Resume("nope", "somebody", &destination_)}) {
    ASSERT_THAT(status, StatusIs(absl::StatusCode::kNotFound));
    EXPECT_EQ(ReasonOf(status), base::ErrorReason::kDestinationNotFound);
  }
}

TEST_F(DestinationAdminTest, AnUpdateChangesTheLaneCountWhereItNamesOne) {
  v1::CreateDestinationRequest request = Request("px");
  request.mutable_settings()->set_lane_count(4);
  ASSERT_OK(admin_.Create(request, "somebody", &destination_));
  v1::UpdateDestinationRequest update;
  update.set_destination_id("px");
  ASSERT_OK(admin_.Update(update, "somebody", &destination_));
  EXPECT_EQ(destination_.settings().lane_count(), 4);
  update.mutable_settings()->set_lane_count(5);
  ASSERT_OK(admin_.Update(update, "somebody", &destination_));
  EXPECT_EQ(destination_.settings().lane_count(), 5);
  EXPECT_EQ(directory_.List().at(0)->stored.settings.lane_count, 5);
}

TEST_F(DestinationAdminTest, ARotatedTokenIsTheNewestAtOnceAndNeverShown) {
  ASSERT_OK(admin_.Create(Request("px"), "somebody", &destination_));
  v1::RotateDestinationTokenRequest rotate;
  rotate.set_destination_id("px");
  rotate.set_access_token("the-next-token");
  destination_.Clear();
  ASSERT_OK(admin_.RotateToken(rotate, "somebody", &destination_));
  EXPECT_EQ(destination_.tokens_size(), 2);
  EXPECT_THAT(destination_.SerializeAsString(), Not(HasSubstr("the-next-token")));
  ASSERT_OK_AND_ASSIGN(const DestinationPtr known, directory_.Find("px"));
  ASSERT_EQ(known->tokens.size(), 2U);
  EXPECT_EQ(known->tokens[0].secret.Reveal(), "the-next-token");
  EXPECT_EQ(known->tokens[1].secret.Reveal(), kToken);
}

TEST_F(DestinationAdminTest, ARotationThatIsRepeatedKeepsTheTokenBefore) {
  ASSERT_OK(admin_.Create(Request("px"), "somebody", &destination_));
  ASSERT_OK(Rotate("the-next-token"));
  const std::string once = destination_.SerializeAsString();
  ASSERT_OK(Rotate("the-next-token"));
  EXPECT_EQ(destination_.SerializeAsString(), once);
  EXPECT_THAT(LiveTokens(), ElementsAre("the-next-token", kToken));
  ASSERT_OK(Rotate("a-third-token"));
  EXPECT_THAT(LiveTokens(), ElementsAre("a-third-token", "the-next-token"));
}

TEST_F(DestinationAdminTest, TheOlderLiveTokenGivenAgainKeepsItsPlace) {
  ASSERT_OK(admin_.Create(Request("px"), "somebody", &destination_));
  ASSERT_OK(Rotate("the-next-token"));
  ASSERT_OK(Rotate(kToken));
  EXPECT_THAT(LiveTokens(), ElementsAre("the-next-token", kToken));
}

TEST_F(DestinationAdminTest, ALiveTokenGivenAgainStillDropsTheOthersWhereAsked) {
  for (const char* const kept : {"the-next-token", kToken}) {
    ASSERT_OK(admin_.Create(Request(kept), "somebody", &destination_));
    ASSERT_OK(Rotate("the-next-token", false, kept));
    ASSERT_OK(Rotate(kept, true, kept));
    EXPECT_THAT(LiveTokens(kept), ElementsAre(kept));
  }
}

TEST_F(DestinationAdminTest, ATokenThatDoesNotOpenIsNoHindrance) {
  ASSERT_OK(admin_.Create(Request("px"), "somebody", &destination_));
  ASSERT_OK(store_.RotateToken("px", "odd", "not sealed by us", false, "somebody"));
  ASSERT_OK(Rotate("the-next-token"));
  EXPECT_THAT(LiveTokens(), ElementsAre("the-next-token"));
}

TEST_F(DestinationAdminTest, ARotatedTokenIsChecked) {
  const absl::Status status = Rotate("with space");
  ASSERT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(base::GetErrorDetails(status).field_violations.at(0).field, "access_token");
}

TEST_F(DestinationAdminTest, ATokenThatIsTooLongIsRefusedForItsLength) {
  ASSERT_OK(admin_.Create(Request("px"), "somebody", &destination_));
  EXPECT_OK(Rotate(std::string(4096, 't')));
  const absl::Status status = Rotate(std::string(4097, 't'));
  ASSERT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  const base::FieldViolation violation = base::GetErrorDetails(status).field_violations.at(0);
  EXPECT_EQ(violation.field, "access_token");
  EXPECT_THAT(violation.description,
              ::testing::AllOf(HasSubstr("at most 4096 bytes, not 4097"), Not(HasSubstr("ttt"))));
}

TEST_F(DestinationAdminTest, WhatHasOpenEventsIsNotDeletedAndSaysHowMany) {
  ASSERT_OK(admin_.Create(Request("px"), "somebody", &destination_));
  store_.SetOpenEvents({.pending = 3, .in_doubt = 2});
  const absl::Status status = admin_.Delete("px", "somebody");
  ASSERT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("3 PENDING, 0 IN_FLIGHT, 2 IN_DOUBT")));
  EXPECT_EQ(ReasonOf(status), base::ErrorReason::kDestinationHasEvents);
  EXPECT_OK(admin_.Get("px", &destination_));
}

TEST_F(DestinationAdminTest, ADeletedDestinationIsNotFoundAnywhere) {
  ASSERT_OK(admin_.Create(Request("px"), "somebody", &destination_));
  ASSERT_OK(admin_.Delete("px", "somebody"));
  EXPECT_THAT(directory_.List(), ::testing::IsEmpty());
  EXPECT_THAT(directory_.Find("px"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(ReasonOf(admin_.Delete("px", "somebody")), base::ErrorReason::kDestinationNotFound);
  v1::RotateDestinationTokenRequest rotate;
  rotate.set_destination_id("px");
  rotate.set_access_token("x");
  EXPECT_EQ(ReasonOf(admin_.RotateToken(rotate, "somebody", &destination_)),
            base::ErrorReason::kDestinationNotFound);
}

TEST_F(DestinationAdminTest, UpdateReplacesTheSettingsWhole) {
  v1::CreateDestinationRequest request = Request("px");
  request.mutable_settings()->set_gzip_requests(true);
  ASSERT_OK(admin_.Create(request, "somebody", &destination_));
  v1::UpdateDestinationRequest update;
  update.set_destination_id("px");
  update.set_display_name("Shop");
  ASSERT_OK(admin_.Update(update, "somebody", &destination_));
  EXPECT_EQ(destination_.display_name(), "Shop");
  EXPECT_FALSE(destination_.settings().gzip_requests());
}

TEST_F(DestinationAdminTest, PauseAndResumeShowInTheDirectory) {
  ASSERT_OK(admin_.Create(Request("px"), "somebody", &destination_));
  v1::PauseDestinationRequest pause;
  pause.set_destination_id("px");
  pause.set_reason("sale over");
  ASSERT_OK(admin_.Pause(pause, "somebody", &destination_));
  EXPECT_TRUE(destination_.paused());
  EXPECT_EQ(directory_.List().at(0)->stored.paused_reason, "sale over");
  ASSERT_OK(admin_.Resume("px", "somebody", &destination_));
  EXPECT_FALSE(destination_.paused());
}

TEST_F(DestinationAdminTest, ListTellsWhetherMoreFollow) {
  for (const char* const id : {"a", "b", "c"})
    ASSERT_OK(admin_.Create(Request(id), "somebody", &destination_));
  bool more = false;
  v1::ListDestinationsResponse first;
  ASSERT_OK(admin_.List("", 2, &first, &more));
  EXPECT_EQ(first.destinations_size(), 2);
  EXPECT_TRUE(more);
  v1::ListDestinationsResponse rest;
  ASSERT_OK(admin_.List("b", 2, &rest, &more));
  EXPECT_EQ(rest.destinations(0).destination_id(), "c");
  EXPECT_FALSE(more);
}

}  // namespace
}  // namespace snapledger::destinations
