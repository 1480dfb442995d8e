// Looks at what Snap counted, on a real database and with a Snap that answers what it is told.

#include "services/reconciliation/receipt_reconciler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/destinations/token_context.h"
#include "services/security/envelope.h"
#include "services/security/key_file.h"
#include "storage/postgres_destinations.h"
#include "storage/postgres_ledger.h"
#include "storage/postgres_receipts.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_data_key_store.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::reconciliation {
namespace {

using storage::ReceiptObservation;
using storage::ReceiptVerdict;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kPixel[] = "pixel-1";
constexpr absl::Duration kInterval = absl::Minutes(5);

class TellingSnap final : public snap::SnapClient {
 public:
  snap::SnapReply Send(const snap::SnapRequest& request) override {
    EXPECT_EQ(request.endpoint, snap::SnapRequest::Endpoint::kStats);
    EXPECT_EQ(request.asset_id, kPixel);
    EXPECT_EQ(request.body, "");
    tokens.emplace_back(request.access_token.Reveal());
    snap::SnapReply told = reply;
    if (request.access_token.Reveal() == refused_token)
      told = {snap::Transport::kAnswered, 401, true};
    return told;
  }

  void Count(int64_t events) {
    reply = {.transport = snap::Transport::kAnswered,
             .http_status = 200,
             .body_complete = true,
             .body = absl::StrCat(R"({"status":"SUCCESS","stats":{"live":{"latest_event_ts":)",
                                  R"(1780000000,"event_count_past_hour":)", events, "}}}")};
  }

  snap::SnapReply reply;
  std::string refused_token;
  std::vector<std::string> tokens;  // of the requests so far
};

class ReceiptReconcilerTest : public support::PostgresTest {
 protected:
  ReceiptReconcilerTest() { keys_.key_encryption_keys[1] = base::Secret(std::string(32, 'k')); }

  void SetUp() override {
    storage::DestinationStore::NewDestination destination;
    destination.destination_id = kPixel;
    destination.kind = 1;
    destination.settings = settings_;
    destination.token_id = "t1";
    destination.sealed_token = Sealed("t1", "first token");
    ASSERT_OK_AND_ASSIGN(const storage::Destination made, store_.Create(destination, "somebody"));
    number_ = made.number;
    shard_ = made.shards.at(0);
    ASSERT_OK(directory_.Refresh());
    snap_.Count(0);
    reconciler_.RunOnce();  // makes the first turn
    ASSERT_THAT(snap_.tokens, IsEmpty());
  }

  std::string Sealed(const std::string& token_id, const std::string& secret) {
    return envelope_.SealSecret(base::Secret(secret), destinations::TokenContext(kPixel, token_id))
        .value();
  }

  // An attempt of so many events that was sent and recorded so long ago.
  void AddAttempt(int events, const char* ago, storage::AttemptOutcome outcome) {
    const bool open = outcome == storage::AttemptOutcome::kOpen;
    const int number = ++attempts_;
    Run(absl::StrCat(
        "insert into attempt (attempt_id, batch_id, sent_time, lease_end_time, recorded_time,"
        " shard, event_count, outcome, from_state, body_sha256, token_id) values (md5('",
        number, "')::uuid, md5('b", number, "')::uuid, now() - interval '", ago, "', now(), ",
        open ? "null" : absl::StrCat("now() - interval '", ago, "'"), ", ", shard_, ", ", events,
        ", ", static_cast<int>(outcome), ", 1, '', 't1')"));
  }

  void LookAgain() {
    Run("update receipt_turn set next_time = '-infinity'");
    reconciler_.RunOnce();
  }

  std::vector<ReceiptObservation> Observations() {
    const auto observations = receipts_.Latest(number_, absl::Hours(1), 100);
    EXPECT_OK(observations);
    return *observations;
  }

  support::FakeClock clock_{absl::FromUnixSeconds(1'780'000'000)};
  support::FakeDataKeyStore data_keys_;
  security::KeyRing keys_;
  security::Envelope envelope_{keys_, data_keys_, clock_};
  storage::DestinationSettings settings_;
  storage::PostgresDestinationStore store_{pool()};
  storage::IdentityFilters filters_;
  storage::PostgresLedger ledger_{pool(), pool(), filters_};
  storage::PostgresReceiptStore receipts_{pool()};
  destinations::DestinationDirectory directory_{store_, envelope_};
  TellingSnap snap_;
  ReceiptReconciler reconciler_{{receipts_, ledger_, directory_, snap_}, {.interval = kInterval}};
  int32_t number_ = 0, shard_ = 0;
  int attempts_ = 0;
};

using Outcome = storage::AttemptOutcome;

TEST_F(ReceiptReconcilerTest, KeepsWhatWasExpectedAndWhatWasReported) {
  AddAttempt(1000, "30 minutes", Outcome::kDelivered);
  AddAttempt(200, "1 minute", Outcome::kDelivered);     // perhaps not counted yet
  AddAttempt(30, "58 minutes", Outcome::kDelivered);    // perhaps no longer
  AddAttempt(4000, "62 minutes", Outcome::kDelivered);  // perhaps still
  AddAttempt(50'000, "66 minutes", Outcome::kDelivered);
  AddAttempt(7, "30 minutes", Outcome::kUnknown);  // perhaps it arrived
  AddAttempt(9, "1 minute", Outcome::kOpen);
  AddAttempt(600, "30 minutes", Outcome::kRefused);
  AddAttempt(600, "30 minutes", Outcome::kThrottled);
  snap_.Count(1200);
  LookAgain();
  const std::vector<ReceiptObservation> observations = Observations();
  ASSERT_THAT(observations, SizeIs(1));
  EXPECT_EQ(observations[0].expected.delivered, 1230);
  EXPECT_EQ(observations[0].expected.least, 1000);
  EXPECT_EQ(observations[0].expected.most, 5246);
  EXPECT_EQ(observations[0].reported, 1200);
  EXPECT_EQ(observations[0].latest_event_time, absl::FromUnixSeconds(1'780'000'000));
  EXPECT_EQ(observations[0].verdict, ReceiptVerdict::kAgrees);
  EXPECT_FALSE(observations[0].diverging);
  EXPECT_EQ(observations[0].http_status, 200);
}

TEST_F(ReceiptReconcilerTest, ThreeLooksThatDisagreeAreAnAlertUntilOneAgrees) {
  AddAttempt(1000, "30 minutes", Outcome::kDelivered);
  std::vector<bool> diverging;
  for (const int64_t count : {500, 500, 500, 500, 990, 500}) {
    snap_.Count(count);
    LookAgain();
    diverging.push_back(Observations().front().diverging);
  }
  EXPECT_THAT(diverging, ElementsAre(false, false, true, true, false, false));
}

TEST_F(ReceiptReconcilerTest, OneOfSeveralProcessesAsks) {
  ReceiptReconciler other({receipts_, ledger_, directory_, snap_}, {.interval = kInterval});
  Run("update receipt_turn set next_time = '-infinity'");
  reconciler_.RunOnce();
  other.RunOnce();
  reconciler_.RunOnce();
  EXPECT_THAT(snap_.tokens, SizeIs(1));
}

TEST_F(ReceiptReconcilerTest, TriesTheOtherTokenWhereOneIsRefused) {
  ASSERT_OK(store_.RotateToken(kPixel, "t2", Sealed("t2", "second token"), false, "somebody"));
  ASSERT_OK(directory_.Refresh());
  snap_.refused_token = "second token";
  LookAgain();
  EXPECT_THAT(snap_.tokens, ElementsAre("second token", "first token"));
  EXPECT_EQ(Observations().front().http_status, 200);
}

TEST_F(ReceiptReconcilerTest, PausedDestinationsAreLeftAlone) {
  ASSERT_OK(store_.Pause(kPixel, storage::PauseKind::kOperator, "fair", "somebody"));
  LookAgain();  // the gate is shut before the directory knows of it
  ASSERT_OK(directory_.Refresh());
  LookAgain();
  EXPECT_THAT(snap_.tokens, IsEmpty());
  EXPECT_THAT(Observations(), IsEmpty());
}

TEST_F(ReceiptReconcilerTest, NothingIsAskedBeforeARetryAfter) {
  Run("update shard set shut_until = now() + interval '1 minute'");
  LookAgain();
  EXPECT_THAT(snap_.tokens, IsEmpty());
}

// A look uses up a turn at the gate, like any request.
TEST_F(ReceiptReconcilerTest, ALookTakesATurnOfTheRate) {
  LookAgain();
  ASSERT_THAT(snap_.tokens, SizeIs(1));
  ASSERT_OK_AND_ASSIGN(const auto turn, ledger_.TakeTurn(shard_, absl::Minutes(1)));
  ASSERT_TRUE(turn.has_value());
  EXPECT_GT(*turn, absl::Seconds(50));
}

TEST_F(ReceiptReconcilerTest, DestinationsInTestModeAreNotAsked) {
  storage::DestinationSettings settings;
  settings.test_mode = true;
  settings.test_event_code = "T1";
  ASSERT_OK(store_.Update(kPixel, "", settings, "somebody"));
  ASSERT_OK(directory_.Refresh());
  LookAgain();
  EXPECT_THAT(snap_.tokens, IsEmpty());
}

TEST_F(ReceiptReconcilerTest, AnAnswerThatIsNotUnderstoodIsKeptAsSuch) {
  AddAttempt(1000, "30 minutes", Outcome::kDelivered);
  snap_.reply.http_status = 503;
  snap_.reply.body = "<html>busy, ask someone@example.com" + std::string(5000, 'x');
  LookAgain();
  snap_.Count(1000);
  snap_.reply.body_complete = false;
  LookAgain();
  snap_.reply = {.transport = snap::Transport::kNotSent, .error = "no connection within 3s"};
  LookAgain();
  const std::vector<ReceiptObservation> observations = Observations();
  ASSERT_THAT(observations, SizeIs(3));
  for (const ReceiptObservation& observation : observations) {
    EXPECT_EQ(observation.verdict, ReceiptVerdict::kNotUnderstood);
    EXPECT_EQ(observation.reported, std::nullopt);
    EXPECT_FALSE(observation.diverging);
    EXPECT_LE(observation.answer.size(), 1024U);
  }
  EXPECT_EQ(observations[2].http_status, 503);
  EXPECT_THAT(observations[2].answer, HasSubstr("busy"));
  EXPECT_THAT(observations[2].answer, Not(HasSubstr("example.com")));
  EXPECT_EQ(observations[0].answer, "no connection within 3s");
}

}  // namespace
}  // namespace snapledger::reconciliation
