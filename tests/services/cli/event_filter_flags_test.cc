#include "services/cli/event_filter_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::cli {
namespace {

using support::StatusIs;
using ::testing::ElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class EventFilterFlagsTest : public ::testing::Test {
 protected:
  EventFilterFlagsTest() { flags_.AddTo(command_); }

  absl::Status Apply(const std::string& command_line) {
    command_.parse("--destination p " + command_line);
    return flags_.Apply(kNow, &request_);
  }

  std::string FileOf(const std::string& text) const {
    std::ofstream(folder_.path() + "/value") << text;
    return folder_.path() + "/value";
  }

  support::TemporaryFolder folder_;
  CLI::App command_;
  EventFilterFlags flags_;
  v1::ListEventsRequest request_;
};

TEST_F(EventFilterFlagsTest, AllFiltersAreSet) {
  ASSERT_OK(
      Apply("--state rejected,in-doubt --state PENDING --event-name PURCHASE --event-name Own"
            " --source site --order-id 77 --since 1h --until 2023-11-14T22:13:20Z"));
  EXPECT_EQ(request_.destination(), "p");
  EXPECT_THAT(request_.states(),
              ElementsAre(v1::DELIVERY_STATE_REJECTED, v1::DELIVERY_STATE_IN_DOUBT,
                          v1::DELIVERY_STATE_PENDING));
  EXPECT_THAT(request_.event_names(), ElementsAre("PURCHASE", "Own"));
  EXPECT_THAT(request_.sources(), ElementsAre("site"));
  EXPECT_EQ(request_.order_id(), "77");
  EXPECT_EQ(request_.received().start_time().seconds(), 1'700'000'000 - 3600);
  EXPECT_EQ(request_.received().end_time().seconds(), 1'700'000'000);
  EXPECT_FALSE(request_.has_identifier());
}

TEST_F(EventFilterFlagsTest, AnUnknownStateIsRefused) {
  EXPECT_THROW((void)Apply("--state lost"), CLI::ValidationError);
}

TEST_F(EventFilterFlagsTest, ThePersonIsReadFromAFile) {
  ASSERT_OK(Apply("--person external-id=" + FileOf("customer 7\n")));
  EXPECT_EQ(request_.identifier_kind(), v1::IDENTIFIER_KIND_EXTERNAL_ID);
  EXPECT_EQ(request_.identifier().raw(), "customer 7");
}

TEST_F(EventFilterFlagsTest, AHashedPersonIsSentAsHash) {
  ASSERT_OK(Apply("--hashed --person email=" + FileOf("ab12")));
  EXPECT_EQ(request_.identifier().sha256(), "ab12");
}

TEST_F(EventFilterFlagsTest, APersonOfNoKindOrFileIsRefused) {
  EXPECT_THAT(Apply("--person email"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Apply("--person zip=x"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Apply("--person email=/nowhere"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(EventFilterFlagsTest, HashedAloneIsRefused) {
  EXPECT_THAT(Apply("--hashed"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace snapledger::cli
