// How many requests the search for refused events takes: the plans of dispatch against an invented
// Snap and a ledger in memory, over many places of the refused events.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <iostream>
#include <random>
#include <set>

#include "services/dispatch/recording.h"

namespace snapledger::dispatch {
namespace {

using storage::IsolationStage;
using storage::ParkedChange;
using ::testing::ContainerEq;

constexpr int kEvents = 2000;

// How an invented Snap tells what it refuses.
struct Telling {
  bool validation_names = false;
  // What `event` says, given the place of the first refused event; none where empty.
  std::function<int(int index)> number_of;
};

// One lot of events, and the requests until each is delivered or refused.
class Search {
 public:
  Search(int event_count, std::set<int> refused, Telling telling)
      : refused_(std::move(refused)),
        telling_(std::move(telling)),
        frames_(event_count, {.header = {}, .json = "{}"}) {
    waiting_.push_back({.last = event_count - 1});
  }

  // The requests it took, validations included; gives up after `requests_max`.
  int Run(int requests_max) {
    while (!waiting_.empty() && requests_ < requests_max) SendOne();
    return requests_;
  }

  const std::set<int>& rejected() const { return rejected_; }
  int delivered_count() const { return delivered_count_; }

 private:
  struct Waiting {
    int first = 0;
    int last = 0;
    std::optional<storage::Uuid> group;
    IsolationStage stage = IsolationStage::kUnknown;
    int due = 0;  // the turn it is due at
    bool parked = false;
  };

  // Takes what has been due longest, as the ledger does; what is parked stays.
  storage::ClaimedBatch Claim() {
    std::vector<Waiting> claimed;
    const Waiting* head = nullptr;
    for (const Waiting& slice : waiting_) {
      if (!slice.parked && (head == nullptr || slice.due < head->due)) head = &slice;
    }
    const Waiting first = *head;
    std::erase_if(waiting_, [&](const Waiting& slice) {
      if (slice.parked || slice.due != first.due || slice.group != first.group) return false;
      claimed.push_back(slice);
      return true;
    });
    std::sort(claimed.begin(), claimed.end(),
              [](const Waiting& a, const Waiting& b) { return a.first < b.first; });
    storage::ClaimedBatch batch = {.isolation_group = first.group, .isolation_stage = first.stage};
    int count = 0;
    for (const Waiting& slice : claimed) {
      batch.isolation_stage = std::min(batch.isolation_stage, slice.stage);
      count += slice.last - slice.first + 1;
    }
    int room = EventsToTest(batch.isolation_stage, count);
    for (Waiting slice : claimed) {
      const int taken = std::min(room, slice.last - slice.first + 1);
      room -= taken;
      if (taken > 0) {
        batch.slices.push_back({.key = {.first_position = static_cast<int16_t>(slice.first)},
                                .last_position = static_cast<int16_t>(slice.first + taken - 1),
                                .event_count = taken});
        batch.event_count += taken;
      }
      slice.first += taken;
      slice.parked = true;
      if (slice.first <= slice.last) waiting_.push_back(slice);
    }
    return batch;
  }

  void SendOne() {
    const storage::ClaimedBatch batch = Claim();
    ++requests_;
    AttemptResult result = {.decision = {.verdict = Decision::Verdict::kDelivered}};
    int place = 0;
    for (const storage::ClaimedSlice& slice : batch.slices) {
      for (int position = slice.key.first_position; position <= slice.last_position; ++position) {
        if (refused_.contains(position)) Refuse(place, &result);
        ++place;
      }
    }
    const bool refused = result.decision.verdict == Decision::Verdict::kRefused;
    if (refused && batch.event_count > 1 && batch.isolation_stage == IsolationStage::kUnknown) {
      ++requests_;
    } else {
      result.validation.refused.clear();
    }
    Apply(MakeRecording(
              result, {}, batch,
              [this](int64_t) -> const std::vector<event::Frame>& { return frames_; },
              [this] { return storage::Uuid{++groups_}; }),
          batch);
  }

  void Refuse(int place, AttemptResult* result) const {
    if (result->decision.verdict == Decision::Verdict::kDelivered && telling_.number_of) {
      result->decision.event_index = telling_.number_of(place);
    }
    result->decision.verdict = Decision::Verdict::kRefused;
    if (telling_.validation_names) result->validation.refused.push_back({place, "bad"});
  }

  void Apply(const storage::RecordRequest& request, const storage::ClaimedBatch& batch) {
    ++turn_;
    if (request.parked.has_value()) ChangeParked(*request.parked);
    for (size_t i = 0; i < request.slices.size(); ++i) {
      const storage::ClaimedSlice& slice = batch.slices[i];
      if (request.to_state != storage::DeliveryState::kPending) {
        End(request.to_state, slice.key.first_position, slice.last_position);
        continue;
      }
      for (const storage::SliceOutcome::Part& part : request.slices[i].parts) {
        const storage::SlicePart& cut = part.part;
        if (part.departure.has_value()) {
          End(part.departure->to_state, cut.first_position, cut.last_position);
        } else {
          waiting_.push_back({.first = cut.first_position,
                              .last = cut.last_position,
                              .group = part.isolation_group,
                              .stage = part.isolation_stage,
                              .due = turn_,
                              .parked = part.parked});
        }
      }
    }
  }

  void ChangeParked(const ParkedChange& change) {
    IsolationStage highest = IsolationStage::kUnknown;
    for (Waiting& slice : waiting_) {
      if (!slice.parked || slice.group != change.isolation_group) continue;
      if (change.forget) slice.stage = IsolationStage::kValidated;
      highest = std::max(highest, slice.stage);
    }
    if (change.due == ParkedChange::Due::kNone) return;
    for (Waiting& slice : waiting_) {
      if (!slice.parked || slice.group != change.isolation_group || slice.stage != highest) {
        continue;
      }
      slice.parked = false;
      slice.due = turn_;
    }
  }

  void End(storage::DeliveryState state, int first, int last) {
    if (state == storage::DeliveryState::kDelivered) {
      delivered_count_ += last - first + 1;
      return;
    }
    EXPECT_EQ(state, storage::DeliveryState::kRejected);
    for (int position = first; position <= last; ++position) rejected_.insert(position);
  }

  const std::set<int> refused_;
  const Telling telling_;
  const std::vector<event::Frame> frames_;
  std::vector<Waiting> waiting_;
  int requests_ = 0;
  int turn_ = 0;
  uint8_t groups_ = 0;
  int delivered_count_ = 0;
  std::set<int> rejected_;
};

std::set<int> RandomPlaces(int count, std::mt19937_64& random) {
  std::set<int> places;
  while (static_cast<int>(places.size()) < count) {
    places.insert(static_cast<int>(random() % kEvents));
  }
  return places;
}

int CountRequests(int event_count, const std::set<int>& refused, const Telling& telling) {
  Search search(event_count, refused, telling);
  const int requests = search.Run(/*requests_max=*/10 * event_count);
  EXPECT_THAT(search.rejected(), ContainerEq(refused));
  EXPECT_EQ(search.delivered_count(), event_count - static_cast<int>(refused.size()));
  return requests;
}

struct Counted {
  int most = 0;
  double mean = 0;
};

Counted CountOverPlaces(const std::string& name, int refused_count, const Telling& telling) {
  constexpr int kRounds = 300;
  std::mt19937_64 random(20261123);
  Counted counted;
  for (int round = 0; round < kRounds; ++round) {
    const int requests = CountRequests(kEvents, RandomPlaces(refused_count, random), telling);
    counted.most = std::max(counted.most, requests);
    counted.mean += static_cast<double>(requests) / kRounds;
  }
  std::cout << name << ", " << refused_count << " of " << kEvents << ": most " << counted.most
            << ", mean " << counted.mean << " requests\n";
  return counted;
}

TEST(IsolationRequestsTest, AValidationThatNamesThemLeavesThreeRequests) {
  EXPECT_EQ(CountOverPlaces("validated", 3, {.validation_names = true}).most, 3);
}

TEST(IsolationRequestsTest, ANamedEventTakesTwoOrThreeEach) {
  EXPECT_LE(CountOverPlaces("named from 1", 3, {.number_of = [](int i) { return i + 1; }}).most, 8);
  EXPECT_LE(CountOverPlaces("named from 0", 3, {.number_of = [](int i) { return i; }}).most, 11);
}

TEST(IsolationRequestsTest, WhereNothingIsNamedThreeTakeFortyAtMost) {
  EXPECT_LE(CountOverPlaces("not named", 3, {}).most, 40);
  EXPECT_LE(CountOverPlaces("not named", 1, {}).most, 16);
  EXPECT_EQ(CountRequests(kEvents, {}, {}), 1);
}

TEST(IsolationRequestsTest, TheWorstPlacesTakeNoMore) {
  for (int start = 0; start + 6 < kEvents; start += 37) {
    for (const int step : {1, 2, 3}) {
      EXPECT_LE(CountRequests(kEvents, {start, start + step, start + 2 * step}, {}), 40) << start;
    }
  }
  EXPECT_LE(CountRequests(kEvents, {1997, 1998, 1999}, {}), 40);
  EXPECT_LE(CountRequests(kEvents, {511, 1023, 1535}, {}), 40);
}

// A number that means nothing costs requests, but no wrong verdict and no endless search.
TEST(IsolationRequestsTest, NumbersThatMisleadAreSurvived) {
  EXPECT_LE(CountOverPlaces("always named 0", 3, {.number_of = [](int) { return 0; }}).most, 80);
  EXPECT_LE(CountOverPlaces("always named 1", 3, {.number_of = [](int) { return 1; }}).most, 120);
}

TEST(IsolationRequestsTest, AllRefusedEndsToo) {
  std::set<int> all;
  for (int i = 0; i < 50; ++i) all.insert(i);
  EXPECT_LE(CountRequests(50, all, {}), 400);
  EXPECT_EQ(CountRequests(50, all, {.validation_names = true}), 2);
  for (int events = 2; events < 9; ++events) {
    for (int pattern = 0; pattern < 1 << events; ++pattern) {
      std::set<int> refused;
      for (int i = 0; i < events; ++i) {
        if ((pattern >> i & 1) != 0) refused.insert(i);
      }
      for (const Telling& telling : {Telling{}, Telling{.validation_names = true},
                                     Telling{.number_of = [](int i) { return i; }},
                                     Telling{.number_of = [](int) { return 1; }}}) {
        CountRequests(events, refused, telling);
      }
    }
  }
}

}  // namespace
}  // namespace snapledger::dispatch
