// Snap's quality scores: fetched from the emulator, shown on Snap's own scale, kept raw and told as
// stale where they cannot be read.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "tests/e2e/deployment.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";

std::vector<v1::QualityScore> Scores(Service& service, const std::string& event_name = "") {
  v1::GetMatchRatesRequest request;
  request.set_destination(kPixel);
  request.add_measures(v1::MEASURE_OBSERVED);
  if (!event_name.empty()) request.add_event_names(event_name);
  grpc::ClientContext context;
  v1::GetMatchRatesResponse response;
  const grpc::Status status = service.conversions->GetMatchRates(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  if (response.rows_size() != 1) return {};
  return {response.rows(0).quality_scores().begin(), response.rows(0).quality_scores().end()};
}

// The scores once there are some of these.
std::vector<v1::QualityScore> AwaitScores(
    Service& service, const std::function<bool(const std::vector<v1::QualityScore>&)>& wanted) {
  std::vector<v1::QualityScore> scores;
  EXPECT_TRUE(Await(absl::Seconds(30), [&] {
    scores = Scores(service);
    return wanted(scores);
  }));
  return scores;
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(QualityTest, ScoresAreFetchedShownAndToldStale) {
  Deployment deployment;
  const std::vector<std::string> flags = {"--snap-quality-url", deployment.emulator_url(),
                                          "--snap-quality-interval", "1s"};
  Service service = deployment.StartService(flags);
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  support::RealisticEvents generator(5, "quality-", absl::Now());
  std::vector<v1::ConversionEvent> events;
  for (int i = 0; i < 200; ++i) events.push_back(generator.Web());
  Record(service, kPixel, events);
  AwaitDelivered(service, kPixel, 200);

  const std::vector<v1::QualityScore> scores =
      AwaitScores(service, [](const auto& found) { return !found.empty(); });
  ASSERT_FALSE(scores.empty());
  for (const v1::QualityScore& score : scores) {
    EXPECT_FALSE(score.event_name().empty());
    EXPECT_THAT(score.score(), AnyOf("GOOD", "OKAY", "BAD"));
    EXPECT_EQ(score.event_source(), "API");
    EXPECT_TRUE(score.has_fetched_time());
  }
  for (const v1::QualityScore& score : Scores(service, scores[0].event_name())) {
    EXPECT_EQ(score.event_name(), scores[0].event_name());
  }

  // A shape nobody knows: the scores stay as they were, and the report says since when.
  deployment.emulator().SetFaults(
      R"({"faults":[{"endpoint":"quality","kind":"status","status":503}]})");
  const std::vector<v1::QualityScore> stale =
      AwaitScores(service, [](const auto& found) { return found.back().score().empty(); });
  EXPECT_EQ(stale.size(), scores.size() + 1);
  EXPECT_EQ(stale[0].score(), scores[0].score());
  EXPECT_THAT(stale.back().title(), StartsWith("stale: "));
  EXPECT_THAT(stale.back().title(), HasSubstr("since 20"));
  deployment.emulator().SetFaults(R"({"faults":[]})");
  AwaitScores(service, [](const auto& found) { return !found.back().score().empty(); });
  EXPECT_THAT(ReadText(deployment.folder() + "/service1.log"), Not(HasSubstr("Bearer")));
}

}  // namespace
}  // namespace snapledger::e2e
