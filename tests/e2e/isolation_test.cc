// Three events of 2000 that Snap refuses, wherever they are: they alone end REJECTED, with Snap's
// reason and how it is known, and few requests find them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/e2e/deployment.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";
constexpr int kEvents = 2000;
constexpr int kRefused = 3;

// A way Snap may tell what it refuses.
struct Telling {
  const char* name;
  const char* endpoint;  // of the fault's refusals, as a member of it
  bool name_event;
  const char* other_fault;  // one more, with the comma before it
  v1::VerdictSource source;
  int requests_max;
};

constexpr char kOnlyEvents[] = R"(,"endpoint":"events")";
constexpr char kValidateFails[] = R"(,{"kind":"status","status":500,"endpoint":"validate"})";

const Telling kTellings[] = {
    {"ValidateNamesThem", "", false, "", v1::VERDICT_SOURCE_VALIDATE, 4},
    {"ValidateSaysValid", kOnlyEvents, false, "", v1::VERDICT_SOURCE_BISECTION, 40},
    {"ValidateFails", kOnlyEvents, false, kValidateFails, v1::VERDICT_SOURCE_BISECTION, 40},
    {"TheAnswerNamesOne", kOnlyEvents, true, kValidateFails, v1::VERDICT_SOURCE_LIVE, 12},
};

std::set<std::string> PickRefused(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::set<std::string> ids;
  while (static_cast<int>(ids.size()) < kRefused) {
    ids.insert("event-" + std::to_string(random() % kEvents));
  }
  return ids;
}

void SetFaults(Deployment& deployment, const Telling& telling, const std::set<std::string>& ids) {
  std::string list;
  for (const std::string& id : ids) list += (list.empty() ? "\"" : ",\"") + id + '"';
  deployment.emulator().SetFaults(
      R"({"faults":[{"kind":"reject_events","body":"not this one","event_ids":[)" + list +
      R"(],"name_event":)" + (telling.name_event ? "true" : "false") + telling.endpoint + "}" +
      telling.other_fault + "]}");
}

// Each change of state follows on the one before it, and the event is refused once.
void ExpectRefused(const v1::EventStatus& event, v1::VerdictSource source) {
  EXPECT_EQ(event.state(), v1::DELIVERY_STATE_REJECTED);
  EXPECT_EQ(event.state_reason(), "REFUSED_BY_SNAP");
  const v1::Attempt& last = *event.attempts().rbegin();
  EXPECT_EQ(last.outcome(), v1::ATTEMPT_OUTCOME_REFUSED);
  EXPECT_EQ(last.verdict_source(), source) << event.event_id();
  EXPECT_THAT(last.snap_reason(), HasSubstr("not this one"));
  EXPECT_TRUE(event.has_final_time());
  v1::DeliveryState state = v1::DELIVERY_STATE_UNSPECIFIED;
  for (const v1::Transition& transition : event.transitions()) {
    EXPECT_EQ(transition.from_state(), state);
    state = transition.to_state();
  }
  EXPECT_EQ(state, v1::DELIVERY_STATE_REJECTED);
}

class IsolationTest : public ::testing::TestWithParam<Telling> {};

TEST_P(IsolationTest, ThreeOfTwoThousandAreFoundInFewRequests) {
  constexpr uint64_t kSeed = 20261123;
  const Telling& telling = GetParam();
  Deployment deployment;
  Service service = deployment.StartService();
  v1::DestinationSettings settings;
  settings.set_max_requests_per_second(1000);
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL, settings);
  const std::set<std::string> refused = PickRefused(kSeed);
  SetFaults(deployment, telling, refused);
  support::RealisticEvents generator(kSeed, "event-", absl::Now());
  std::vector<v1::ConversionEvent> events;
  for (int i = 0; i < kEvents; ++i) events.push_back(generator.Web());
  Record(service, kPixel, events);

  std::map<v1::DeliveryState, int64_t> counts;
  Await(absl::Seconds(90), [&] {
    counts = StateCounts(service, kPixel);
    return counts[v1::DELIVERY_STATE_DELIVERED] + counts[v1::DELIVERY_STATE_REJECTED] == kEvents;
  });
  EXPECT_THAT(counts, ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, kEvents - kRefused),
                                  Pair(v1::DELIVERY_STATE_REJECTED, kRefused)));
  for (const std::string& id : refused) {
    ExpectRefused(GetEvent(service, kPixel, id), telling.source);
  }
  const Journal journal = deployment.ReadJournal();
  const int requests = static_cast<int>(journal.requests.size()) + journal.validations;
  std::cout << telling.name << ": " << requests << " requests, " << journal.validations
            << " of them validations\n";
  EXPECT_LE(requests, telling.requests_max);
  EXPECT_EQ(journal.validations, 1);
  std::multiset<std::string> accepted;
  for (const JournalEvent& event : journal.events) {
    if (event.accepted) accepted.insert(event.event_id);
  }
  EXPECT_EQ(accepted.size(), kEvents - kRefused);
  for (const v1::ConversionEvent& event : events) {
    EXPECT_EQ(accepted.count(event.event_id()), refused.contains(event.event_id()) ? 0 : 1)
        << event.event_id();
  }
}

INSTANTIATE_TEST_SUITE_P(Tellings, IsolationTest, ::testing::ValuesIn(kTellings),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace snapledger::e2e
