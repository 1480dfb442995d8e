#include "services/query/event_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::query {
namespace {

using storage::DeliveryState;
using ::testing::ElementsAre;

const absl::Time kReceived = absl::FromUnixSeconds(1'700'000'000);

storage::EventRow PendingRow() {
  storage::EventRow row;
  row.event_time = kReceived - absl::Hours(1);
  row.received_time = kReceived;
  row.usable = 0b101;
  return row;
}

storage::AttemptRow Attempt(int number, absl::Duration sent_after) {
  storage::AttemptRow attempt;
  attempt.attempt_id.fill(static_cast<uint8_t>(number));
  attempt.number = number;
  attempt.sent_time = kReceived + sent_after;
  attempt.body_sha256 = std::string(32, '\xAB');
  return attempt;
}

v1::EventStatus StatusOf(const storage::EventRow& row) {
  v1::EventStatus status;
  ToProto(row, {.event_id = "e", .event_name = "PURCHASE", .order_id = "77", .source = "web"},
          &status);
  return status;
}

// "FROM>TO by ACTOR" of each transition.
std::vector<std::string> History(const v1::EventStatus& status) {
  std::vector<std::string> history;
  for (const v1::Transition& transition : status.transitions()) {
    history.push_back(std::to_string(transition.from_state()) + ">" +
                      std::to_string(transition.to_state()) + " by " + transition.actor());
  }
  return history;
}

TEST(EventStatusTest, FreshEventIsPendingSinceItWasReceived) {
  const v1::EventStatus status = StatusOf(PendingRow());
  EXPECT_EQ(status.event_name(), "PURCHASE");
  EXPECT_EQ(status.order_id(), "77");
  EXPECT_EQ(status.state(), v1::DELIVERY_STATE_PENDING);
  EXPECT_THAT(status.identifiers(),
              ElementsAre(v1::IDENTIFIER_KIND_EMAIL, v1::IDENTIFIER_KIND_MOBILE_AD_ID));
  EXPECT_THAT(History(status), ElementsAre("0>1 by intake"));
  EXPECT_EQ(status.transitions(0).time().seconds(), 1'700'000'000);
  EXPECT_FALSE(status.has_final_time());
}

TEST(EventStatusTest, AttemptsAndOtherChangesMergeInTheOrderOfTime) {
  storage::EventRow row = PendingRow();
  row.state = DeliveryState::kDelivered;
  storage::AttemptRow reaped = Attempt(1, absl::Seconds(1));
  reaped.answered_time = kReceived + absl::Seconds(30);
  reaped.outcome = storage::AttemptOutcome::kUnknown;
  reaped.verdict_source = storage::VerdictSource::kTimeout;
  reaped.to_state = DeliveryState::kInDoubt;
  reaped.state_reason = "OWNER_VANISHED";
  storage::AttemptRow delivered = Attempt(2, absl::Seconds(60));
  delivered.answered_time = kReceived + absl::Seconds(61);
  delivered.outcome = storage::AttemptOutcome::kDelivered;
  delivered.verdict_source = storage::VerdictSource::kLive;
  delivered.from_state = DeliveryState::kInDoubt;
  delivered.to_state = DeliveryState::kDelivered;
  row.attempts = {reaped, delivered};
  row.transitions = {{DeliveryState::kInDoubt, DeliveryState::kInDoubt,
                      kReceived + absl::Seconds(45), "noted", "operator"}};
  EXPECT_THAT(History(StatusOf(row)),
              ElementsAre("0>1 by intake", "1>2 by dispatcher", "2>3 by reaper", "3>3 by operator",
                          "3>2 by dispatcher", "2>4 by dispatcher"));
}

TEST(EventStatusTest, OpenAttemptHasNoEnd) {
  storage::EventRow row = PendingRow();
  row.state = DeliveryState::kInFlight;
  row.attempts = {Attempt(1, absl::Seconds(1))};
  const v1::EventStatus status = StatusOf(row);
  EXPECT_THAT(History(status), ElementsAre("0>1 by intake", "1>2 by dispatcher"));
  ASSERT_EQ(status.attempts_size(), 1);
  EXPECT_FALSE(status.attempts(0).has_answered_time());
  EXPECT_EQ(status.attempts(0).attempt_id(), "01010101-0101-0101-0101-010101010101");
  EXPECT_EQ(status.attempts(0).body_sha256().substr(0, 4), "abab");
}

TEST(EventStatusTest, SuppressedEventWasNeverPending) {
  storage::EventRow row = PendingRow();
  row.state = DeliveryState::kSuppressed;
  EXPECT_THAT(History(StatusOf(row)), ElementsAre("0>10 by intake"));
}

EventTexts Read(const char* json) {
  rapidjson::Document document;
  return TextsOf(document.Parse(json));
}

TEST(TextsOfTest, ReadsTheFrozenEvent) {
  const EventTexts texts = Read(R"({"event_id":"e-1","custom_data":{"order_id":"A-1"}})");
  EXPECT_EQ(texts.event_id, "e-1");
  EXPECT_EQ(texts.order_id, "A-1");
  for (const char* const without : {"", "[]", "{", R"({"custom_data":{}})", R"({"custom_data":3})",
                                    R"({"event_id":1,"custom_data":{"order_id":7}})"}) {
    EXPECT_EQ(Read(without).order_id, "") << without;
    EXPECT_EQ(Read(without).event_id, "") << without;
  }
}

}  // namespace
}  // namespace snapledger::query
