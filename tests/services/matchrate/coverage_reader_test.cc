#include "services/matchrate/coverage_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/labels/fake_label_store.h"
#include "tests/support/status_matchers.h"

namespace snapledger::matchrate {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// One event an hour.
class HourlyDeliveries final : public storage::DeliveryStore {
 public:
  explicit HourlyDeliveries(size_t hours) : hours_(hours) {}

  absl::StatusOr<std::vector<storage::CoveragePeriod>> Coverage(
      int32_t, const storage::CoverageQuery&) override {
    std::vector<storage::CoveragePeriod> periods;
    for (size_t hour = 0; hour < hours_; ++hour) {
      periods.push_back({.start = absl::UnixEpoch() + hour * absl::Hours(1),
                         .counts = {{storage::RollupKey{}, 1}}});
    }
    return periods;
  }

  absl::StatusOr<std::vector<storage::CoveragePeriod>> RecountCoverage(
      int32_t shard, const storage::CoverageQuery& query) override {
    return Coverage(shard, query);
  }
  absl::StatusOr<storage::EventRow> FindEvent(int32_t, const storage::Uuid&) override {
    return absl::UnimplementedError("not asked for");
  }
  absl::StatusOr<storage::ShardDelivery> Delivery(int32_t) override {
    return absl::UnimplementedError("not asked for");
  }
  absl::StatusOr<storage::FoldResult> Compact(int32_t) override {
    return absl::UnimplementedError("not asked for");
  }

 private:
  const size_t hours_;
};

absl::StatusOr<CoverageGroups> ReadByHour(size_t hours) {
  labels::FakeLabelStore label_store;
  labels::LabelCache labels(label_store);
  HourlyDeliveries deliveries(hours);
  return CoverageReader(deliveries, labels).Read({1, 2}, {.by_hour = true});
}

TEST(CoverageReaderTest, AnAnswerHasALargestNumberOfRows) {
  ASSERT_OK_AND_ASSIGN(const CoverageGroups groups, ReadByHour(kCoverageGroupsMax));
  EXPECT_THAT(groups, SizeIs(kCoverageGroupsMax));
  EXPECT_EQ(groups.begin()->second.events, 2);
  EXPECT_THAT(ReadByHour(kCoverageGroupsMax + 1),
              support::StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("10000")));
}

}  // namespace
}  // namespace snapledger::matchrate
