// The reports as people run them: the program `snapledger report`, its exit codes and its page,
// which is opened in a browser as well.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
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
constexpr char kBrowser[] = "/usr/bin/chromium";

// Put into a copy of the page: what a browser made of its plots, as text that can be read back.
// A plot counts as drawn where it takes up room and its marks, beside the axes, do.
constexpr char kProbe[] = R"(<pre id="probe"></pre><script>
const plots = [...document.querySelectorAll('svg')];
const drawn = plots.filter(svg => {
  const box = svg.getBoundingClientRect();
  const marks = [...svg.querySelectorAll('polyline,rect,circle,path')].filter(mark => {
    const size = mark.getBBox();
    return size.width + size.height > 0 || mark.tagName === 'circle';
  });
  return box.width > 100 && box.height > 50 && marks.length > 0;
});
const outside = plots.flatMap(svg => [...svg.querySelectorAll('polyline,rect,circle,line')]
    .filter(mark => {
      const size = mark.getBBox(), view = svg.viewBox.baseVal;
      return size.x < view.x - 1 || size.y < view.y - 1 ||
             size.x + size.width > view.x + view.width + 1 ||
             size.y + size.height > view.y + view.height + 1;
    }));
document.getElementById('probe').textContent =
    `plots ${plots.length} drawn ${drawn.length} outside ${outside.length}`;
</script></body>)";

std::string TextOf(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

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

  // The page of match rates, written anew.
  std::string WritePage() {
    const std::string page = deployment_.folder() + "/rates.html";
    EXPECT_EQ(Report("match-rate", {"--html", page}).exit_code, 0);
    return page;
  }

  // What the browser made of a page, as HTML; its console goes to `log_file`.
  std::string Open(const std::string& file, const std::string& log_file) const {
    const support::ProgramResult opened = support::RunProgram(
        {kBrowser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--no-first-run", "--disable-background-networking",
         "--user-data-dir=" + deployment_.folder() + "/browser", "--enable-logging",
         "--log-file=" + log_file, "--virtual-time-budget=5000", "--dump-dom", "file://" + file},
        absl::Seconds(60));
    EXPECT_EQ(opened.exit_code, 0);
    return opened.output;
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
  const std::string html = TextOf(WritePage());
  EXPECT_THAT(html, AllOf(HasSubstr("<svg"), HasSubstr("polyline"), HasSubstr("too optimistic"),
                          HasSubstr("industry claim: server 60 to 85 %"),
                          HasSubstr("industry claim: pixel only below 40 %"),
                          Not(HasSubstr("<script")), Not(HasSubstr("src="))));
  EXPECT_EQ(Report("match-rate", {"--html", "/nowhere/rates.html"}).exit_code, 1);
}

TEST_F(ReportTest, InABrowserEveryPlotIsDrawnAndTheConsoleIsEmpty) {
  const std::string page = WritePage();
  const std::string log = deployment_.folder() + "/console.log";
  EXPECT_THAT(Open(page, log), HasSubstr("Match rates of"));
  ASSERT_TRUE(std::filesystem::exists(log));
  EXPECT_THAT(TextOf(log), Not(HasSubstr("CONSOLE")));
  const std::string probed = deployment_.folder() + "/probed.html";
  std::ofstream(probed) << absl::StrReplaceAll(TextOf(page), {{"</body>", kProbe}});
  EXPECT_THAT(Open(probed, deployment_.folder() + "/probe.log"),
              HasSubstr("plots 4 drawn 4 outside 0"));
}

TEST_F(ReportTest, AMessageOnTheConsoleOfAPageWouldBeSeen) {
  const std::string page = WritePage();
  const std::string broken = deployment_.folder() + "/broken.html";
  std::ofstream(broken) << absl::StrReplaceAll(
      TextOf(page), {{"</body>", "<script>noSuchFunction()</script></body>"}});
  const std::string log = deployment_.folder() + "/broken.log";
  Open(broken, log);
  EXPECT_THAT(TextOf(log), AllOf(HasSubstr("CONSOLE"), HasSubstr("noSuchFunction")));
}

}  // namespace
}  // namespace snapledger::e2e
