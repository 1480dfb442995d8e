#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/ledger.h"

namespace snapledger::storage {

// What the suite asks of a ledger beyond its interface: one destination with one lane, empty.
class LedgerUnderTest {
 public:
  virtual ~LedgerUnderTest() = default;
  virtual Ledger& ledger() = 0;
  virtual int32_t shard() const = 0;
  virtual absl::Time Now() const = 0;  // of its clock

  // An event as its books have it.
  struct Event {
    DeliveryState state = DeliveryState::kPending;
    std::string state_reason;
    std::optional<absl::Time> next_attempt_time, first_sent_time, final_time;
    std::vector<std::string> transition_reasons;  // beside those that attempts imply
  };
  virtual Event EventAt(const Uuid& event_key) = 0;
  // States no event is in are left out.
  virtual std::map<DeliveryState, int64_t> Counts() = 0;

  virtual void SetPaused(bool paused) = 0;
  // What waits in an isolation group is due, parked or not.
  virtual void MakeGroupsDue() = 0;
};

// What every ledger does, PostgreSQL's and that of the simulation: the same tests for both.
class LedgerSuite
    : public ::testing::TestWithParam<std::function<std::unique_ptr<LedgerUnderTest>()>> {
 protected:
  static Uuid Key(int number);

  // Lots of keys with plain contents: 10 bytes of JSON an event.
  NewLot Lot(const std::vector<int>& keys, int64_t digest = 7);
  AppendedLot Append(const NewLot& lot);

  // Makes `claim_`, the claim that Outcome speaks of.
  ClaimResult Claim(absl::Duration lease = absl::Seconds(30));
  ClaimResult ClaimBy(const ClaimRequest& request, BatchComposer& composer);
  ClaimRequest NewClaim(absl::Duration lease = absl::Seconds(30)) const;
  // Sends the first `count` events of what is due and parks the rest.
  ClaimedBatch ClaimFirst(int16_t count, absl::Duration lease = absl::Seconds(30));

  // Of the last claim: all its slices, whole.
  RecordRequest Outcome(const ClaimedBatch& batch, AttemptOutcome outcome,
                        DeliveryState to_state) const;
  absl::StatusOr<RecordResult> Record(const RecordRequest& request);

  Ledger& ledger() { return under_test_->ledger(); }
  int32_t shard() const { return under_test_->shard(); }
  DeliveryState StateOf(int key) { return under_test_->EventAt(Key(key)).state; }

  SlicePart Part(int16_t first, int16_t last) const;

  const std::unique_ptr<LedgerUnderTest> under_test_ = GetParam()();
  const std::unique_ptr<LotComposer> composer_ = MakeComposer();
  ClaimRequest claim_;

 private:
  std::unique_ptr<LotComposer> MakeComposer() const;
};

// What isolation adds: groups, stages, parking.
class LedgerIsolationSuite : public LedgerSuite {
 protected:
  static constexpr int16_t kEvents = 6;  // appended, by the keys 0 to 5
  static constexpr Uuid kGroup = {7};

  void SetUp() override;
  // Sends all six, and puts them into the group as such parts of it.
  void IsolateAll(std::vector<SliceOutcome::Part> parts);
  SliceOutcome::Part InGroup(int16_t first, int16_t last, IsolationStage stage,
                             bool parked = false) const;
  void RecordParked(RecordRequest request, bool forget, ParkedChange::Due due,
                    IsolationStage batch_stage);
};

// A first attempt whose lease ended, sent again, and answered VALID meanwhile.
class LedgerLateSuccessSuite : public LedgerIsolationSuite {
 protected:
  // The slices as the second attempt carries them.
  ClaimedBatch SendAgainAndAnswerLate(absl::Duration lease = absl::Seconds(30));
  void ExpectAllDelivered();
};

}  // namespace snapledger::storage
