// The page of `report match-rate --html` in a browser: no message on its console, every plot drawn.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
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

class ReportPageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (access(kBrowser, X_OK) != 0) {
      GTEST_SKIP() << kBrowser << " is not there: install the package chromium";
    }
    service_ = deployment_.StartService();
    CreateDestination(service_, kPixel, v1::DESTINATION_KIND_PIXEL);
    support::RealisticEvents generator(3, "page-", absl::Now());
    std::vector<v1::ConversionEvent> events;
    for (int i = 0; i < 500; ++i) events.push_back(generator.Web());
    Record(service_, kPixel, events);
    AwaitDelivered(service_, kPixel, 500);
    page_ = deployment_.folder() + "/rates.html";
    const support::ProgramResult report =
        support::RunProgram({ProgramPath("snapledger"), "report", "match-rate", "--destination",
                             kPixel, "--html", page_, "--server", service_.address, "--insecure"},
                            absl::Seconds(60));
    ASSERT_EQ(report.exit_code, 0);
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
  std::string page_;
};

TEST_F(ReportPageTest, EveryPlotIsDrawnAndTheConsoleIsEmpty) {
  const std::string log = deployment_.folder() + "/console.log";
  EXPECT_THAT(Open(page_, log), HasSubstr("Match rates of"));
  ASSERT_TRUE(std::filesystem::exists(log));
  EXPECT_THAT(TextOf(log), Not(HasSubstr("CONSOLE")));
  const std::string probed = deployment_.folder() + "/probed.html";
  std::ofstream(probed) << absl::StrReplaceAll(TextOf(page_), {{"</body>", kProbe}});
  EXPECT_THAT(Open(probed, deployment_.folder() + "/probe.log"),
              HasSubstr("plots 4 drawn 4 outside 0"));
}

TEST_F(ReportPageTest, AMessageOnTheConsoleWouldBeSeen) {
  const std::string broken = deployment_.folder() + "/broken.html";
  std::ofstream(broken) << absl::StrReplaceAll(
      TextOf(page_), {{"</body>", "<script>noSuchFunction()</script></body>"}});
  const std::string log = deployment_.folder() + "/broken.log";
  Open(broken, log);
  EXPECT_THAT(TextOf(log), AllOf(HasSubstr("CONSOLE"), HasSubstr("noSuchFunction")));
}

}  // namespace
}  // namespace snapledger::e2e
