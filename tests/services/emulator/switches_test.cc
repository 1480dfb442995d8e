#include "services/emulator/switches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace snapledger::emulator {
namespace {

using ::testing::HasSubstr;

TEST(Switches, NamesAreUnique) {
  std::set<std::string> names;
  for (const ChoiceSwitch& item : ChoiceSwitches()) {
    EXPECT_TRUE(names.emplace(item.name).second) << item.name;
  }
  for (const NumberSwitch& item : NumberSwitches()) {
    EXPECT_TRUE(names.emplace(item.name).second) << item.name;
  }
}

TEST(Switches, DefaultsAreTheUsualAnswersAndInRange) {
  const Rules rules;
  for (const ChoiceSwitch& item : ChoiceSwitches()) EXPECT_FALSE(rules.*item.member) << item.name;
  for (const NumberSwitch& item : NumberSwitches()) {
    EXPECT_GE(rules.*item.member, item.low) << item.name;
    EXPECT_LE(rules.*item.member, item.high) << item.name;
  }
}

TEST(Switches, DescriptionTellsTheValuesInForce) {
  Rules rules;
  rules.partial_batches = true;
  rules.index_base = 0;
  const std::string text = DescribeSwitches(rules);
  EXPECT_THAT(text, testing::ContainsRegex("--mixed-batch +partial +unverified: "));
  EXPECT_THAT(text, testing::ContainsRegex("--index-base +0 +unverified: "));
}

TEST(Switches, EachIsInTheDocumentation) {
  std::ifstream file(std::string(SNAPLEDGER_SOURCE_DIR) + "/docs/emulator.md");
  ASSERT_TRUE(file);
  std::ostringstream text;
  text << file.rdbuf();
  for (const ChoiceSwitch& item : ChoiceSwitches()) {
    EXPECT_THAT(text.str(), HasSubstr(absl::StrCat("`--", item.name, "`")));
  }
  for (const NumberSwitch& item : NumberSwitches()) {
    EXPECT_THAT(text.str(), HasSubstr(absl::StrCat("`--", item.name, "`")));
  }
}

}  // namespace
}  // namespace snapledger::emulator
