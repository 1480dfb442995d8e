#include "services/base/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::base {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MetricsTest, CallsAreCountedByMethodAndCode) {
  Metrics metrics;
  metrics.CountRpc("GetEvent", "OK", absl::Milliseconds(3));
  metrics.CountRpc("GetEvent", "NOT_FOUND", absl::Milliseconds(3));
  metrics.CountRpc("GetEvent", "OK", absl::Milliseconds(3));
  const std::string text = metrics.Exposition();
  EXPECT_THAT(text, HasSubstr("snapledger_rpc_calls_total{code=\"OK\",method=\"GetEvent\"} 2"));
  EXPECT_THAT(text, HasSubstr("snapledger_rpc_seconds_count{method=\"GetEvent\"} 3"));
}

TEST(MetricsTest, BacklogIsReplacedWhole) {
  Metrics metrics;
  metrics.SetBacklog({{"a", {{"pending", 5}}, absl::Seconds(30)}});
  metrics.SetBacklog({{"b", {{"pending", 7}, {"delivered", 2}}, std::nullopt, 3}});
  const std::string text = metrics.Exposition();
  EXPECT_THAT(text, Not(HasSubstr("destination=\"a\"")));
  EXPECT_THAT(text, HasSubstr("snapledger_backlog_events{destination=\"b\",state=\"pending\"} 7"));
  EXPECT_THAT(text, HasSubstr("snapledger_oldest_pending_seconds{destination=\"b\"} 0"));
  EXPECT_THAT(text, HasSubstr("snapledger_set_aside_events{destination=\"b\"} 3"));
}

TEST(MetricsTest, ReceiptsShowTheWorstAndNoRatioThatIsNotKnown) {
  Metrics metrics;
  metrics.SetReceipts({{"a", 0.5, true}});
  metrics.SetReceipts({{"b", 0.75, true}, {"c", std::nullopt, false}});
  const std::string text = metrics.Exposition();
  EXPECT_THAT(text, Not(HasSubstr("destination=\"a\"")));
  EXPECT_THAT(text, HasSubstr("snapledger_receipt_ratio{destination=\"b\"} 0.75"));
  EXPECT_THAT(text, HasSubstr("snapledger_receipt_divergence{destination=\"b\"} 1"));
  EXPECT_THAT(text, Not(HasSubstr("snapledger_receipt_ratio{destination=\"c\"}")));
  EXPECT_THAT(text, HasSubstr("snapledger_receipt_divergence{destination=\"c\"} 0"));
}

TEST(MetricsTest, IdentityPartitionsAreThoseOfTheLastLook) {
  Metrics metrics;
  metrics.SetIdentityPartitions(0, 3);
  metrics.SetIdentityPartitions(2, 1);
  const std::string text = metrics.Exposition();
  EXPECT_THAT(text, HasSubstr("snapledger_identity_partitions{asked=\"memory\"} 2"));
  EXPECT_THAT(text, HasSubstr("snapledger_identity_partitions{asked=\"database\"} 1"));
}

TEST(MetricsTest, DestinationsBeyondTheBoundShareOneLabel) {
  Metrics metrics;
  std::vector<Metrics::Backlog> backlogs;
  for (int i = 0; i < Metrics::kDestinationLabelsMax + 3; ++i) {
    backlogs.push_back({"d" + std::to_string(i), {{"pending", 1}}, absl::Seconds(i)});
  }
  metrics.SetBacklog(backlogs);
  const std::string text = metrics.Exposition();
  EXPECT_THAT(text,
              HasSubstr("snapledger_backlog_events{destination=\"(other)\",state=\"pending\"} 3"));
  EXPECT_THAT(text, HasSubstr("snapledger_oldest_pending_seconds{destination=\"(other)\"} 202"));
  EXPECT_THAT(text, Not(HasSubstr("destination=\"d200\"")));
}

}  // namespace
}  // namespace snapledger::base
