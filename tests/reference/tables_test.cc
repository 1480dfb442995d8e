// The tables of docs/ that people write, against what the program has: settings, settings of a
// destination, metrics and error reasons. Nothing is missing, nothing is left over.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "services/app/config.h"
#include "services/base/metrics.h"
#include "snapledger/v1/admin_service.pb.h"
#include "tests/reference/golden_text.h"

namespace snapledger::reference {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::Not;
using ::testing::UnorderedElementsAreArray;

using Row = std::vector<std::string>;

// The rows of the table whose heading's first cell is `heading`; a cell without its spaces.
std::vector<Row> RowsOf(const std::string& path, const std::string& heading) {
  std::vector<Row> rows;
  bool inside = false;
  for (const std::string& line :
       std::vector<std::string>(absl::StrSplit(ReadTreeFile(path), '\n'))) {
    if (absl::StartsWith(line, "| " + heading + " |")) {
      inside = true;
    } else if (inside && !absl::StartsWith(line, "|")) {
      break;
    } else if (inside && !absl::StartsWith(line, "|---")) {
      Row cells = absl::StrSplit(line.substr(1, line.size() - 2), " |");
      for (std::string& cell : cells) absl::StripAsciiWhitespace(&cell);
      rows.push_back(std::move(cells));
    }
  }
  return rows;
}

// The words between backticks.
std::vector<std::string> Quoted(const std::string& cell) {
  std::vector<std::string> words;
  const std::vector<std::string> parts = absl::StrSplit(cell, '`');
  for (size_t i = 1; i < parts.size(); i += 2) words.push_back(parts[i]);
  return words;
}

std::vector<std::string> NamesOf(const std::vector<Row>& rows) {
  std::vector<std::string> names;
  for (const Row& row : rows) {
    for (std::string& name : Quoted(row[0])) names.push_back(std::move(name));
  }
  return names;
}

TEST(SettingsTableTest, HoldsEverySettingAndNoOther) {
  std::vector<std::string> settings;
  for (const app::Setting& setting : app::Settings()) settings.emplace_back(setting.name);
  EXPECT_THAT(NamesOf(RowsOf("docs/configuration.md", "setting")),
              UnorderedElementsAreArray(settings));
}

TEST(SettingsTableTest, SaysTheDefaultsInForce) {
  const std::vector<Row> rows = RowsOf("docs/configuration.md", "setting");
  for (const app::Setting& setting : app::Settings()) {
    if (setting.text == nullptr || (app::Config().*setting.text).empty()) continue;
    std::vector<std::string> defaults;
    for (const Row& row : rows) {
      const std::vector<std::string> names = Quoted(row[0]);
      if (std::find(names.begin(), names.end(), setting.name) != names.end()) {
        defaults = Quoted(row[1]);
      }
    }
    EXPECT_THAT(defaults, Contains(app::Config().*setting.text)) << setting.name;
  }
}

TEST(DestinationSettingsTableTest, HoldsEveryFieldAndNoOther) {
  const google::protobuf::Descriptor& message = *v1::DestinationSettings::descriptor();
  std::vector<std::string> fields;
  for (int i = 0; i < message.field_count(); ++i) fields.push_back(message.field(i)->name());
  const std::vector<Row> rows = RowsOf("docs/configuration.md", "destination setting");
  EXPECT_THAT(NamesOf(rows), UnorderedElementsAreArray(fields));
  for (const Row& row : rows) EXPECT_THAT(row, Each(Not(std::string()))) << row[0];
}

TEST(MetricsTableTest, HoldsEveryMetricAndNoOther) {
  base::Metrics metrics;
  metrics.CountRpc("RecordEvents", "OK", absl::Seconds(1));
  metrics.CountEvents("accepted", 1);
  metrics.SetBacklog({{"destination", {{"pending", 1}}, absl::Seconds(1)}});
  metrics.SetIdentityPartitions(0, 1);
  metrics.SetReady(true);
  std::set<std::string> exported;
  for (const std::string& line :
       std::vector<std::string>(absl::StrSplit(metrics.Exposition(), '\n'))) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words[0] == "#" && words[1] == "TYPE") exported.insert(words[2]);
  }
  EXPECT_THAT(NamesOf(RowsOf("docs/configuration.md", "metric")),
              UnorderedElementsAreArray(exported));
}

// That every reason is there is a test of services/base/error_details.
TEST(ErrorsTableTest, SaysOfEachReasonWhenAndWhatToDo) {
  const std::vector<Row> rows = RowsOf("docs/errors.md", "reason");
  EXPECT_FALSE(rows.empty());
  for (const Row& row : rows) {
    EXPECT_EQ(row.size(), 4u) << row[0];
    EXPECT_THAT(row, Each(Not(std::string()))) << row[0];
  }
}

TEST(ReadmeTest, LinksToTheReferences) {
  const std::string text = ReadTreeFile("README.md");
  for (const char* const page :
       {"docs/api.md", "docs/cli-reference.md", "docs/configuration.md", "docs/errors.md"}) {
    EXPECT_TRUE(absl::StrContains(text, page)) << page;
  }
}

}  // namespace
}  // namespace snapledger::reference
