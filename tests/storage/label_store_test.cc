#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "storage/postgres_labels.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::snapledger::support::IsOkAndHolds;
using ::snapledger::support::StatusIs;
using ::testing::SizeIs;

class LabelStoreTest : public support::PostgresTest {
 protected:
  PostgresLabelStore store_{pool()};
};

TEST_F(LabelStoreTest, StandardNamesHaveTheirNumbers) {
  EXPECT_THAT(store_.FindOrInsert(LabelKind::kEventName, "PURCHASE"), IsOkAndHolds(1));
  EXPECT_THAT(store_.FindOrInsert(LabelKind::kEventName, "SIGN_UP"), IsOkAndHolds(7));
  EXPECT_THAT(store_.FindOrInsert(LabelKind::kEventName, "CUSTOM_EVENT_5"), IsOkAndHolds(31));
}

TEST_F(LabelStoreTest, ANewLabelKeepsItsNumber) {
  ASSERT_OK_AND_ASSIGN(const int32_t number, store_.FindOrInsert(LabelKind::kSource, "shop"));
  EXPECT_GE(number, 100);
  EXPECT_THAT(store_.FindOrInsert(LabelKind::kSource, "shop"), IsOkAndHolds(number));
  ASSERT_OK_AND_ASSIGN(const int32_t other, store_.FindOrInsert(LabelKind::kEventName, "shop"));
  EXPECT_NE(other, number);
}

TEST_F(LabelStoreTest, ListsWhatCameAfter) {
  ASSERT_OK_AND_ASSIGN(const std::vector<Label> standard, store_.ListAfter(0));
  EXPECT_THAT(standard, SizeIs(31));
  ASSERT_OK_AND_ASSIGN(const int32_t number, store_.FindOrInsert(LabelKind::kSource, "shop"));
  ASSERT_OK_AND_ASSIGN(const std::vector<Label> added, store_.ListAfter(standard.back().number));
  ASSERT_THAT(added, SizeIs(1));
  EXPECT_EQ(added[0].number, number);
  EXPECT_EQ(added[0].kind, LabelKind::kSource);
  EXPECT_EQ(added[0].text, "shop");
}

TEST_F(LabelStoreTest, AReaderThatFollowsTheNumbersMissesNone) {
  constexpr int kWriters = 4;
  constexpr int kLabelsEach = 25;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([this, writer] {
      for (int i = 0; i < kLabelsEach; ++i) {
        // Every name is wanted by two writers.
        EXPECT_OK(store_.FindOrInsert(LabelKind::kSource, absl::StrCat(writer / 2, "-", i)));
      }
    });
  }
  std::set<std::string> seen;
  int32_t last = 100 - 1;
  while (seen.size() < kWriters / 2 * kLabelsEach) {
    ASSERT_OK_AND_ASSIGN(const std::vector<Label> labels, store_.ListAfter(last));
    for (const Label& label : labels) {
      seen.insert(label.text);
      last = label.number;
    }
    if (::testing::Test::HasFailure()) break;
  }
  for (std::thread& writer : writers) writer.join();
}

TEST_F(LabelStoreTest, ThereIsAnEndOfNumbers) {
  Run(
      absl::StrCat("insert into label (kind, label_text) select 2, 'source ' || n from"
                   " generate_series(1, ",
                   kLabelsMax, ") n"));
  EXPECT_THAT(store_.FindOrInsert(LabelKind::kSource, "one more"),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_OK(store_.FindOrInsert(LabelKind::kSource, "source 7"));
  EXPECT_OK(store_.FindOrInsert(LabelKind::kEventName, "one more"));
}

}  // namespace
}  // namespace snapledger::storage
