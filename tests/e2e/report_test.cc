// The reports as people run them: the program `snapledger report`, its exit codes and its page.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "storage/pool.h"
#include "storage/transaction.h"
#include "tests/e2e/deployment.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";

class ReportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    service_ = deployment_.StartService();
    CreateDestination(service_, kPixel, v1::DESTINATION_KIND_PIXEL);
    support::RealisticEvents generator(3, "report-", absl::Now());
    std::vector<v1::ConversionEvent> events;
    for (int i = 0; i < 500; ++i) events.push_back(generator.Web());
    Record(service_, kPixel, events);
    AwaitDelivered(service_, kPixel, 500);
  }

  support::ProgramResult Report(const std::string& name, const std::vector<std::string>& flags) {
    std::vector<std::string> command = {ProgramPath("snapledger"), "report",    name,
                                        "--destination",           kPixel,      "--server",
                                        service_.address,          "--insecure"};
    command.insert(command.end(), flags.begin(), flags.end());
    return support::RunProgram(command, absl::Seconds(60));
  }

  Deployment deployment_;
  Service service_;
};

TEST_F(ReportTest, MatchRatesAreShownByTheirMeasures) {
  const support::ProgramResult report = Report("match-rate", {});
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_THAT(
      report.output,
      AllOf(HasSubstr("500 events"), HasSubstr("observed    none: nothing was reported"),
            HasSubstr("estimated "), HasSubstr("assumptions alone"), HasSubstr("naive union"),
            HasSubstr("too optimistic"), HasSubstr("CONTRIBUTION"), HasSubstr("receipts    "),
            HasSubstr("EXACTLY THESE IDENTIFIERS")));
  const support::ProgramResult json = Report("match-rate", {"-o", "json"});
  EXPECT_THAT(json.output, HasSubstr("MEASURE_STATUS_ESTIMATED_PRIOR_ONLY"));
}

TEST_F(ReportTest, VerifyFindsNoDifferenceAndTellsOne) {
  EXPECT_EQ(Report("match-rate", {"--verify"}).exit_code, 0);
  EXPECT_EQ(Report("match-rate", {"--verify", "--of", "delivered"}).exit_code, 0);
  // A counter that somebody changed behind the ledger's back.
  storage::ConnectionPool pool({.connection = {.url = deployment_.database_url()}});
  ASSERT_TRUE(storage::WithConnection(pool, [](storage::Connection& connection) {
                connection.ExecuteScript(
                    "insert into snapledger.coverage_rollup select"
                    "  date_trunc('day', now(), 'UTC') - interval '1 day', shard, 1, 0, 1, 2, 1,"
                    "  int4send(0) || int8send(7) from snapledger.shard");
                return true;
              }).ok());
  EXPECT_EQ(Report("match-rate", {"--verify"}).exit_code, 1);
}

TEST_F(ReportTest, SimulationsRankWhatToDo) {
  const support::ProgramResult report = Report("simulate", {"--set", "phone=100%"});
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_THAT(report.output, AllOf(HasSubstr("now "), HasSubstr("then "), HasSubstr("naive union"),
                                   HasSubstr("difference +"), HasSubstr("80 % interval +")));
  EXPECT_EQ(Report("simulate", {"--set", "phone"}).exit_code, 2);
  EXPECT_EQ(Report("simulate", {"--set", "telepathy=1"}).exit_code, 2);
  EXPECT_EQ(Report("simulate", {"--set", "phone=300%"}).exit_code, 1);
}

TEST_F(ReportTest, ThePageStandsAlone) {
  const std::string file = deployment_.folder() + "/rates.html";
  ASSERT_EQ(Report("match-rate", {"--html", file}).exit_code, 0);
  std::ifstream stream(file);
  const std::string html{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_THAT(html, AllOf(HasSubstr("<svg"), HasSubstr("polyline"), HasSubstr("too optimistic"),
                          HasSubstr("industry claim: server 60 to 85 %"),
                          HasSubstr("industry claim: pixel only below 40 %"),
                          Not(HasSubstr("<script")), Not(HasSubstr("src="))));
  EXPECT_EQ(Report("match-rate", {"--html", "/nowhere/rates.html"}).exit_code, 1);
}

}  // namespace
}  // namespace snapledger::e2e
