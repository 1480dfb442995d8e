// What a call asks for and what is done of it, on a scripted ledger; tests/e2e has a real one.

#include "services/operators/event_operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "services/base/error_details.h"
#include "storage/rollup.h"
#include "tests/services/destinations/fake_destination_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_data_key_store.h"
#include "tests/support/status_matchers.h"

namespace snapledger::operators {
namespace {

using support::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Lists the slices it is given, one a page.
class ScriptedListing final : public storage::ListingStore {
 public:
  absl::StatusOr<storage::SlicePage> ListSlices(int32_t, const storage::SliceFilter& asked,
                                                const std::optional<storage::ListingPlace>& before,
                                                int) override {
    filter = asked;
    const size_t next = before.has_value() ? static_cast<size_t>(before->position) : 0;
    if (next >= slices.size()) return storage::SlicePage{};
    return storage::SlicePage{
        .slices = {slices[next]},
        .stopped_at = storage::ListingPlace{.position = static_cast<int16_t>(next + 1)}};
  }
  absl::StatusOr<std::vector<storage::FoundEvent>> FindEvents(
      int32_t, absl::Span<const storage::Uuid>) override {
    return std::vector<storage::FoundEvent>{};
  }
  absl::StatusOr<std::vector<storage::LotPayload>> Payloads(int32_t,
                                                            absl::Span<const int64_t>) override {
    return std::vector<storage::LotPayload>{};
  }
  absl::StatusOr<std::vector<storage::AttemptRow>> ListAttempts(
      int32_t, const storage::AttemptFilter&, const std::optional<storage::AttemptPlace>&,
      int) override {
    return std::vector<storage::AttemptRow>{};
  }

  std::vector<storage::SliceRow> slices;
  storage::SliceFilter filter;
};

class RecordingStore final : public storage::OperatorStore {
 public:
  absl::StatusOr<int64_t> Apply(int32_t, absl::Span<const storage::ActedSlice> slices,
                                const storage::ActRecord& act) override {
    int64_t moved = 0;
    for (const storage::ActedSlice& slice : slices) {
      lots.push_back(slice.read.key.lot_id);
      moved += slice.read.event_count;
    }
    reasons.push_back(act.action + ", " + act.reason + " by " + act.actor);
    return moved;
  }

  std::vector<int64_t> lots;
  std::vector<std::string> reasons;
};

class OneLabel final : public storage::LabelStore {
 public:
  absl::StatusOr<int32_t> FindOrInsert(storage::LabelKind, std::string_view) override {
    return absl::InternalError("asking must make no label");
  }
  absl::StatusOr<std::vector<storage::Label>> ListAfter(int32_t) override {
    return std::vector<storage::Label>{{1, storage::LabelKind::kEventName, "PURCHASE"}};
  }
};

class EventOperationsTest : public ::testing::Test {
 protected:
  EventOperationsTest() {
    keys_.key_encryption_keys[1] = base::Secret(std::string(32, 'k'));
    EXPECT_OK(
        destinations_.Create({.destination_id = "px", .kind = 1, .token_id = "t1"}, "somebody"));
    for (int64_t lot_id = 3; lot_id >= 1; --lot_id) {
      listing_.slices.push_back({.shard = 1,
                                 .key = {.lot_id = lot_id},
                                 .last_position = 3,
                                 .event_count = 4,
                                 .state = storage::DeliveryState::kRejected,
                                 .rollup = storage::PackRollup({{{.name_label = 1}, 4}})});
    }
    request_.mutable_selection()->set_destination("px");
  }

  absl::Status Redrive() {
    response_.Clear();
    return operations_.Redrive(request_, "somebody", &response_);
  }

  support::FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  support::FakeDataKeyStore data_keys_;
  security::KeyRing keys_;
  security::Envelope envelope_{keys_, data_keys_, clock_};
  destinations::FakeDestinationStore destinations_;
  destinations::DestinationDirectory directory_{destinations_, envelope_};
  OneLabel label_store_;
  labels::LabelCache labels_{label_store_};
  ScriptedListing listing_;
  RecordingStore store_;
  std::vector<int32_t> nudged_;
  EventOperations operations_{{directory_, listing_, store_, envelope_, labels_,
                               [this](const std::vector<int32_t>& shards) {
                                 nudged_.insert(nudged_.end(), shards.begin(), shards.end());
                               }},
                              {.events_max = 12}};
  v1::RedriveEventsRequest request_;
  v1::RedriveEventsResponse response_;
};

TEST_F(EventOperationsTest, TheOldestIsSentFirstAndTheReasonIsKept) {
  request_.set_reason("fixed currency");
  ASSERT_OK(Redrive());
  EXPECT_EQ(response_.matched(), 12);
  EXPECT_EQ(response_.redriven(), 12);
  EXPECT_THAT(store_.lots, ElementsAre(1, 2, 3));
  EXPECT_THAT(store_.reasons, ElementsAre("RedriveEvents, REDRIVEN: fixed currency by somebody"));
  EXPECT_THAT(nudged_, ElementsAre(1));
}

TEST_F(EventOperationsTest, ADryRunOnlyCounts) {
  request_.set_dry_run(true);
  ASSERT_OK(Redrive());
  EXPECT_EQ(response_.matched(), 12);
  EXPECT_EQ(response_.redriven(), 0);
  EXPECT_THAT(store_.lots, IsEmpty());
}

TEST_F(EventOperationsTest, MoreThanTheBoundIsRefusedWithTheCount) {
  listing_.slices.push_back(listing_.slices.back());
  const absl::Status refused = Redrive();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("16 events")));
  EXPECT_EQ(base::GetErrorDetails(refused).reason, base::ErrorReason::kSelectionTooLarge);
  EXPECT_THAT(store_.lots, IsEmpty());
  request_.set_dry_run(true);
  ASSERT_OK(Redrive());
  EXPECT_EQ(response_.matched(), 16);
}

TEST_F(EventOperationsTest, ANameNobodyUsedSelectsNothing) {
  request_.mutable_selection()->add_event_names("NEVER_SEEN");
  ASSERT_OK(Redrive());
  EXPECT_EQ(response_.matched(), 0);
  request_.mutable_selection()->add_event_names("PURCHASE");
  ASSERT_OK(Redrive());
  EXPECT_EQ(response_.matched(), 12);
  EXPECT_THAT(listing_.filter.name_labels, ElementsAre(1));
}

TEST_F(EventOperationsTest, ARateThatIsNoRateIsRefused) {
  for (const double rate : {-1.0, 0.001, std::numeric_limits<double>::quiet_NaN(),
                            std::numeric_limits<double>::infinity()}) {
    request_.set_max_events_per_second(rate);
    EXPECT_THAT(Redrive(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_events_per_second")));
  }
}

TEST_F(EventOperationsTest, AResolutionIsRequired) {
  v1::ResolveInDoubtEventsRequest request;
  request.mutable_selection()->set_destination("px");
  v1::ResolveInDoubtEventsResponse response;
  EXPECT_THAT(operations_.ResolveInDoubt(request, "somebody", &response),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("resolution")));
}

}  // namespace
}  // namespace snapledger::operators
