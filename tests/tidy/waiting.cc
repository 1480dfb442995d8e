#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/checks.h"
#include "tests/tidy/code_text.h"

namespace snapledger::tidy {
namespace {

constexpr std::string_view kSleeps[] = {"SleepFor",    "SleepUntil", "nanosleep", "sleep_for",
                                        "sleep_until", "usleep",     "wait_for",  "wait_until"};

// Who may wait by the clock, and why nothing better can be waited for.
struct Sleeper {
  std::string_view path;
  std::string_view reason;
};
constexpr Sleeper kSleepers[] = {
    {"services/app/http_server.cc", "cpp-httplib tells that it runs by a flag only"},
    {"services/dispatch/delivery_pass.cc", "a database that is away announces nothing"},
    {"services/bench/run.cc", "what the service has recorded of a delivery is seen by asking"},
    {"services/cli/events_record.cc", "a command waits before it asks again"},
    {"services/cli/patient_call.cc", "calls what events_record.cc gives it"},
    {"services/cli/report_match_rate.cc", "a command waits before it counts again"},
    {"tests/e2e/crash_test.cc", "kills at a moment nothing announces"},
    {"tests/e2e/deployment.cc", "Await: what another process does is seen by asking"},
    {"tests/storage/embedded_cluster_test.cc", "initdb announces its steps by files only"},
};

std::vector<size_t> PlacesOfSleep(const SourceFile& file) {
  std::vector<size_t> places = FindCalls(file.code, "sleep");
  for (const std::string_view word : kSleeps) {
    const std::vector<size_t> found = FindWords(file.code, word);
    places.insert(places.end(), found.begin(), found.end());
  }
  return places;
}

bool MaySleep(std::string_view path) {
  return std::any_of(std::begin(kSleepers), std::end(kSleepers),
                     [path](const Sleeper& sleeper) { return sleeper.path == path; });
}

}  // namespace

Findings CheckWaiting(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!file.IsCpp() || MaySleep(file.path)) continue;
    for (const size_t at : PlacesOfSleep(file)) {
      findings.push_back({file.path, LineAt(file.code, at),
                          "waits by the clock; wait for what is meant to happen (a notification, a "
                          "signal, e2e's Await), or add the file with its reason to "
                          "tests/tidy/waiting.cc"});
    }
  }
  return findings;
}

Findings CheckSkippedTests(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!file.IsCpp()) continue;
    for (const size_t open : FindCalls(file.code, "GTEST_SKIP")) {
      const std::string_view after = Stripped(std::string_view(file.code).substr(open + 2));
      if (after.starts_with("<<")) continue;
      findings.push_back({file.path, LineAt(file.code, open),
                          "a test is left out without a word; say why after <<"});
    }
  }
  return findings;
}

}  // namespace snapledger::tidy
