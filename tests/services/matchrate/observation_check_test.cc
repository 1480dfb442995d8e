#include "services/matchrate/observation_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "services/base/error_details.h"
#include "tests/support/status_matchers.h"

namespace snapledger::matchrate {
namespace {

using testing::ElementsAre;

constexpr int64_t kNow = 1'790'000'000;
const absl::Time now = absl::FromUnixSeconds(kNow);

v1::MatchObservation Sound() {
  v1::MatchObservation observation;
  observation.set_destination("pixel");
  observation.mutable_window()->mutable_start_time()->set_seconds(kNow - 86400);
  observation.mutable_window()->mutable_end_time()->set_seconds(kNow);
  observation.set_event_name("PURCHASE");
  observation.add_kinds(v1::IDENTIFIER_KIND_EMAIL);
  observation.add_kinds(v1::IDENTIFIER_KIND_IP_AND_USER_AGENT);
  observation.set_matched(612);
  observation.set_total(1000);
  observation.set_evidence("Ads Manager export");
  observation.set_evidence_sha256(std::string(64, 'A'));
  return observation;
}

std::vector<std::string> WrongFields(const std::function<void(v1::MatchObservation*)>& change) {
  v1::MatchObservation observation = Sound();
  change(&observation);
  const absl::StatusOr<storage::MatchObservationRow> row = CheckObservation(observation, now);
  if (row.ok()) return {};
  EXPECT_EQ(row.status().code(), absl::StatusCode::kInvalidArgument);
  std::vector<std::string> fields;
  for (const base::FieldViolation& violation :
       base::GetErrorDetails(row.status()).field_violations) {
    fields.push_back(violation.field);
  }
  return fields;
}

TEST(ObservationCheckTest, ASoundOneIsTakenAsItIs) {
  ASSERT_OK_AND_ASSIGN(const storage::MatchObservationRow row, CheckObservation(Sound(), now));
  EXPECT_EQ(row.window_end, now);
  EXPECT_EQ(row.window_start, now - absl::Hours(24));
  EXPECT_EQ(row.kinds, 0b1001);
  EXPECT_EQ(row.matched, 612);
  EXPECT_EQ(row.total, 1000);
  EXPECT_EQ(row.evidence_sha256, std::string(32, '\xAA'));
  EXPECT_EQ(row.evidence_key, row.evidence_sha256);
}

TEST(ObservationCheckTest, CountsThatCannotBeAreRefused) {
  EXPECT_THAT(WrongFields([](auto* given) { given->set_matched(1001); }),
              ElementsAre("observation.matched"));
  EXPECT_THAT(WrongFields([](auto* given) { given->set_matched(-1); }),
              ElementsAre("observation.matched"));
  EXPECT_THAT(WrongFields([](auto* given) {
                given->set_matched(0);
                given->set_total(0);
              }),
              ElementsAre("observation.total"));
  EXPECT_THAT(WrongFields([](auto* given) { given->set_total(int64_t{1} << 60); }),
              ElementsAre("observation.total"));
}

TEST(ObservationCheckTest, AWindowMustBeOverAndInOrder) {
  EXPECT_THAT(
      WrongFields([](auto* given) { given->mutable_window()->mutable_end_time()->set_nanos(1); }),
      ElementsAre("observation.window"));
  EXPECT_THAT(WrongFields([](auto* given) {
                given->mutable_window()->mutable_start_time()->set_seconds(kNow);
              }),
              ElementsAre("observation.window"));
  EXPECT_THAT(WrongFields([](auto* given) { given->mutable_window()->clear_start_time(); }),
              ElementsAre("observation.window"));
  EXPECT_THAT(WrongFields([](auto* given) { given->clear_window(); }),
              ElementsAre("observation.window"));
  EXPECT_THAT(WrongFields([](auto* given) {
                given->mutable_window()->mutable_start_time()->set_nanos(-5);
              }),
              ElementsAre("observation.window.start_time"));
}

TEST(ObservationCheckTest, KindsMustBeKnownAndDiffer) {
  EXPECT_THAT(WrongFields([](auto* given) {
                given->add_kinds(static_cast<v1::IdentifierKind>(99));
                given->add_kinds(v1::IDENTIFIER_KIND_UNSPECIFIED);
                given->add_kinds(v1::IDENTIFIER_KIND_EMAIL);
              }),
              ElementsAre("observation.kinds[2]", "observation.kinds[3]", "observation.kinds[4]"));
}

TEST(ObservationCheckTest, TextsAreBoundedAndEvidenceIsNamed) {
  EXPECT_THAT(WrongFields([](auto* given) { given->set_source(std::string(257, 'a')); }),
              ElementsAre("observation.source"));
  EXPECT_THAT(WrongFields([](auto* given) { given->set_event_name("A\nB"); }),
              ElementsAre("observation.event_name"));
  EXPECT_THAT(WrongFields([](auto* given) { given->set_evidence_sha256("abc"); }),
              ElementsAre("observation.evidence_sha256"));
  EXPECT_THAT(WrongFields([](auto* given) {
                given->clear_evidence();
                given->clear_evidence_sha256();
              }),
              ElementsAre("observation.evidence"));
}

TEST(ObservationCheckTest, EveryWrongFieldIsNamedAtOnce) {
  EXPECT_THAT(
      WrongFields([](auto* given) {
        given->set_matched(2000);
        given->clear_window();
        given->set_evidence_sha256("x");
      }),
      ElementsAre("observation.window", "observation.matched", "observation.evidence_sha256"));
}

TEST(ObservationCheckTest, WithoutAFileOtherCountsAreOtherEvidence) {
  v1::MatchObservation words = Sound();
  words.clear_evidence_sha256();
  ASSERT_OK_AND_ASSIGN(const storage::MatchObservationRow first, CheckObservation(words, now));
  EXPECT_EQ(first.evidence_sha256, "");
  ASSERT_OK_AND_ASSIGN(const storage::MatchObservationRow same, CheckObservation(words, now));
  EXPECT_EQ(first.evidence_key, same.evidence_key);
  words.set_matched(613);
  ASSERT_OK_AND_ASSIGN(const storage::MatchObservationRow other, CheckObservation(words, now));
  EXPECT_NE(first.evidence_key, other.evidence_key);
}

}  // namespace
}  // namespace snapledger::matchrate
