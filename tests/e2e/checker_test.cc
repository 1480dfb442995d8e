// The checker finds nothing in an honest run, and in a run with a planted mistake the invariant
// that the mistake breaks.

#include "tests/checker/checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <set>

#include "tests/checker/load_log.h"
#include "tests/e2e/deployment.h"
#include "tests/faulty/planted_bug.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

using checker::Report;
using faulty::PlantedBug;
using faulty::PlantedBugText;
using ::testing::HasSubstr;

constexpr char kShop[] = "6abc82ca-1111-4222-8333-abcdefabcdef";   // meets most of the faults
constexpr char kSlow[] = "6abc82ca-2222-4222-8333-abcdefabcdef";   // one request a second
constexpr char kShort[] = "6abc82ca-3333-4222-8333-abcdefabcdef";  // never sends doubt again
constexpr char kPlantedIp[] = "203.0.113.177";
constexpr char kPlantedEmail[] = "planted.person@planted.example";
// Far beyond what a run takes on a machine that does much else.
constexpr absl::Duration kTimeMax = absl::Seconds(120);
// The runs wait more than they work.
constexpr size_t kRunsAtOnce = 4;

struct Scenario {
  PlantedBug bug = PlantedBug::kNone;
  std::string more_faults;  // each with a comma behind it
  int slow_events = 3;
};

Scenario ScenarioOf(PlantedBug bug) {
  Scenario scenario = {.bug = bug};
  switch (bug) {
    case PlantedBug::kReapedToPending:
      // Longer than the reaper waits between two looks.
      scenario.more_faults = R"({"kind":"delay","ms":2500,"count":1,"asset":")";
      scenario.more_faults += std::string(kShop) + R"("},)";
      break;
    case PlantedBug::kRateIgnored:
      scenario.slow_events = 16;
      break;
    default:
      break;
  }
  return scenario;
}

// One run of a service with the real programs, a load of some 120 events and a handful of faults.
class FaultyRun {
 public:
  explicit FaultyRun(const Scenario& scenario)
      : scenario_(scenario), load_(checker::LoadLog::Open(LoadFile()).value()) {
    deployment_.emulator().SetFaults(Faults());
  }

  // Makes the run to its end.
  void Make() {
    const std::string bug(faulty::kPlantedBugs[static_cast<size_t>(scenario_.bug)].name);
    Service service = deployment_.StartService(
        {}, {"/usr/bin/env", "SNAPLEDGER_TEST_BUG=" + bug, ProgramPath("snapledger-faulty")});
    CreateDestinations(service);
    support::RealisticEvents events(1, "event-", absl::Now());
    for (int call = 0; call < 4; ++call) RecordLogged(service, kShop, Planted(events, 25));
    RecordLogged(service, kSlow, Planted(events, scenario_.slow_events));
    RecordLogged(service, kShort, Planted(events, 3));
    Await(kTimeMax, [&] { return IsOver(service); });
  }

  checker::Inputs InputsOfChecker() {
    const std::string planted = deployment_.folder() + "/planted.txt";
    std::ofstream(planted) << kPlantedIp << '\n'
                           << kPlantedEmail << '\n'
                           << "token-of-" << kShop << '\n';
    return {.database_url = deployment_.database_url(),
            .key_file = deployment_.folder() + "/keys",
            .journals = {deployment_.folder() + "/journal.jsonl"},
            .load_logs = {LoadFile()},
            .options = {.quiet_phase_over = true,
                        .logs = {deployment_.folder() + "/service1.log"},
                        .planted_file = planted}};
  }

 private:
  std::string LoadFile() const { return deployment_.folder() + "/load.jsonl"; }

  std::string Faults() const {
    const std::string shop = std::string(R"("asset":")") + kShop + "\"}";
    return R"({"faults":[)" + scenario_.more_faults +
           R"({"kind":"reject_events","event_ids":["event-7"],)" + shop +
           R"(,{"kind":"status","status":500,"count":1,"endpoint":"events",)" + shop +
           R"(,{"kind":"reset_after_body","count":1,"endpoint":"events",)" + shop +
           R"(,{"kind":"throttle","retry_after":2,"count":1,"asset":")" + kSlow + R"("})" +
           R"(,{"kind":"status","status":500,"count":1,"asset":")" + kShort + R"("}]})";
  }

  static void CreateDestinations(Service& service) {
    v1::DestinationSettings settings;
    settings.set_max_requests_per_second(50);
    settings.set_max_events_per_request(20);
    CreateDestination(service, kShop, v1::DESTINATION_KIND_PIXEL, settings);
    settings.set_max_requests_per_second(1);
    settings.set_max_events_per_request(1);
    CreateDestination(service, kSlow, v1::DESTINATION_KIND_PIXEL, settings);
    // No longer than the margin before its end: what is in doubt is never sent again.
    settings.mutable_dedup_window()->set_seconds(3600);
    settings.mutable_purchase_dedup_window()->set_seconds(3600);
    settings.set_max_requests_per_second(10);
    settings.set_max_events_per_request(20);
    CreateDestination(service, kShort, v1::DESTINATION_KIND_PIXEL, settings);
  }

  static std::vector<v1::ConversionEvent> Planted(support::RealisticEvents& events, int count) {
    std::vector<v1::ConversionEvent> planted;
    for (int i = 0; i < count; ++i) {
      v1::ConversionEvent& event = planted.emplace_back(events.Web());
      event.mutable_user_data()->set_client_ip_address(kPlantedIp);
      event.mutable_user_data()->add_email()->set_raw(kPlantedEmail);
    }
    return planted;
  }

  // Each event twice in its call: the second is a duplicate.
  void RecordLogged(Service& service, const std::string& destination,
                    std::vector<v1::ConversionEvent> events) {
    events.push_back(events.front());
    std::vector<std::string> ids, verdicts;
    for (const v1::ConversionEvent& event : events) ids.push_back(event.event_id());
    const int64_t number = load_->NoteCall(destination, ids).value();
    for (const v1::EventVerdict& verdict : Record(service, destination, events)) {
      verdicts.push_back(v1::Outcome_Name(verdict.outcome()).substr(std::strlen("OUTCOME_")));
    }
    EXPECT_TRUE(load_->NoteAnswer(number, verdicts).ok());
  }

  // Two mistakes are made before the run is quiet, which it never is.
  bool IsOver(Service& service) const {
    std::set<v1::DeliveryState> states;
    for (const char* const destination : {kShop, kSlow, kShort}) {
      for (const auto& [state, count] : StateCounts(service, destination)) {
        // Less than none are counted of what a lost slice held.
        if (count > 0) states.insert(state);
      }
    }
    if (scenario_.bug == PlantedBug::kCountedTwice) return true;
    const bool doubt = states.contains(v1::DELIVERY_STATE_IN_DOUBT);
    if (scenario_.bug == PlantedBug::kSliceForgotten) return doubt;
    return !doubt && !states.contains(v1::DELIVERY_STATE_PENDING) &&
           !states.contains(v1::DELIVERY_STATE_IN_FLIGHT);
  }

  const Scenario scenario_;
  Deployment deployment_;
  const std::unique_ptr<checker::LoadLog> load_;
};

int RunChecker(const checker::Inputs& inputs, std::string* output) {
  const support::ProgramResult result = support::RunProgram(
      {ProgramPath("invariant-checker"), "--database", inputs.database_url, "--key-file",
       inputs.key_file, "--journal", inputs.journals[0], "--load-log", inputs.load_logs[0], "--log",
       inputs.options.logs[0], "--planted", inputs.options.planted_file, "--quiet-phase-over"},
      absl::Seconds(60));
  *output = result.output;
  return result.exit_code;
}

TEST(CheckerTest, AnHonestRunBreaksNothingAndEveryInvariantIsLookedAt) {
  FaultyRun run(ScenarioOf(PlantedBug::kNone));
  run.Make();
  const checker::Inputs inputs = run.InputsOfChecker();
  const absl::StatusOr<Report> report = checker::CheckRun(inputs);
  ASSERT_TRUE(report.ok()) << report.status();
  for (int invariant = 1; invariant <= checker::kInvariantCount; ++invariant) {
    const checker::InvariantResult& result = report->Of(invariant);
    EXPECT_EQ(result.violations, 0) << report->Text();
    const bool not_there_yet = invariant == 7;
    EXPECT_EQ(result.not_checked.empty(), !not_there_yet) << report->Text();
    EXPECT_EQ(result.checked > 0, !not_there_yet) << "I" << invariant << '\n' << report->Text();
  }
  std::string output;
  EXPECT_EQ(RunChecker(inputs, &output), 0) << output;
  EXPECT_EQ(output, report->Text());
  std::cout << output;
}

TEST(CheckerTest, InputsThatCannotBeUsedAreNoVerdict) {
  FaultyRun run(ScenarioOf(PlantedBug::kNone));
  checker::Inputs inputs = run.InputsOfChecker();
  std::ofstream(inputs.options.logs[0]) << "";
  std::string output;
  EXPECT_EQ(RunChecker(inputs, &output), 0) << "an empty ledger: " << output;
  checker::Inputs broken = inputs;
  broken.journals[0] += ".none";
  EXPECT_EQ(RunChecker(broken, &output), 2);
  broken = inputs;
  broken.key_file += ".none";
  EXPECT_EQ(RunChecker(broken, &output), 2);
  broken = inputs;
  std::ofstream(broken.load_logs[0]) << "no JSON\n";
  EXPECT_EQ(RunChecker(broken, &output), 2);
}

// One line for each mistake: whether its invariant is broken, and which else are.
std::string BrokenBy(const Report& report) {
  std::string broken;
  for (int invariant = 1; invariant <= checker::kInvariantCount; ++invariant) {
    if (report.Of(invariant).violations > 0) broken += " I" + std::to_string(invariant);
  }
  return broken;
}

void ExpectFound(PlantedBug bug, FaultyRun& run) {
  const PlantedBugText& text = faulty::kPlantedBugs[static_cast<size_t>(bug)];
  const checker::Inputs inputs = run.InputsOfChecker();
  const absl::StatusOr<Report> report = checker::CheckRun(inputs);
  ASSERT_TRUE(report.ok()) << text.name << ": " << report.status();
  std::cout << text.name << " is found by" << BrokenBy(*report) << std::endl;
  const int invariant = std::stoi(std::string(text.invariant.substr(1)));
  EXPECT_GT(report->Of(invariant).violations, 0) << text.name << '\n' << report->Text();
  EXPECT_THAT(report->Text(), ::testing::Not(HasSubstr(kPlantedIp))) << text.name;
  EXPECT_THAT(report->Text(), ::testing::Not(HasSubstr(kPlantedEmail))) << text.name;
  EXPECT_THAT(report->Text(), ::testing::Not(HasSubstr("token-of-"))) << text.name;
}

TEST(CheckerTest, EveryPlantedMistakeBreaksItsInvariant) {
  for (size_t first = 1; first < faulty::kPlantedBugs.size(); first += kRunsAtOnce) {
    std::map<PlantedBug, std::unique_ptr<FaultyRun>> runs;
    const size_t end = std::min(first + kRunsAtOnce, faulty::kPlantedBugs.size());
    for (size_t i = first; i < end; ++i) {
      const auto bug = static_cast<PlantedBug>(i);
      runs[bug] = std::make_unique<FaultyRun>(ScenarioOf(bug));
    }
    std::vector<std::future<void>> made;
    for (auto& [bug, run] : runs) {
      made.push_back(std::async(std::launch::async, [&run = *run] { run.Make(); }));
    }
    for (std::future<void>& one : made) one.get();
    for (auto& [bug, run] : runs) ExpectFound(bug, *run);
  }
}

TEST(CheckerTest, TheProgramTellsOfAMistakeByItsExitCode) {
  FaultyRun run(ScenarioOf(PlantedBug::kLotDropped));
  run.Make();
  std::string output;
  EXPECT_EQ(RunChecker(run.InputsOfChecker(), &output), 1);
  EXPECT_THAT(output, HasSubstr("I1 broken: acknowledged and not stored: event event-"));
}

}  // namespace
}  // namespace snapledger::e2e
