#include "storage/audit_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/transaction.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::snapledger::support::StatusIs;

using ::testing::SizeIs;

constexpr Statement kReadEntries = {
    "test_read_audit_entries",
    "select sequence, entry_time, actor, action, target, detail_json, previous_hash, hash"
    " from audit_entry order by sequence"};

AuditRow Entry() {
  return {.sequence = 7,
          .time = absl::FromUnixMicros(1'700'000'000'123'456),
          .record = {.actor = "anna",
                     .action = "PauseDestination",
                     .target = "pixel-1",
                     .detail_json = R"({"reason":"fair"})"},
          .previous_hash = std::string(32, 'p')};
}

TEST(AuditHashTest, CoversEveryPart) {
  std::vector<AuditRow> entries(8, Entry());
  entries[1].sequence = 8;
  entries[2].time += absl::Microseconds(1);
  entries[3].record.actor = "ann";
  entries[4].record.action = "PauseDestinatioN";
  entries[5].record.target = "pixel-2";
  entries[6].record.detail_json = R"({"reason": "fair"})";
  entries[7].previous_hash[31] = 'q';
  std::set<std::string> hashes;
  for (const AuditRow& entry : entries) hashes.insert(AuditHash(entry));
  EXPECT_THAT(hashes, SizeIs(entries.size()));
}

TEST(AuditHashTest, WhatMovesFromOnePartToTheNextChangesIt) {
  AuditRow moved = Entry();
  moved.record.actor = "annaPause";
  moved.record.action = "Destination";
  EXPECT_NE(AuditHash(moved), AuditHash(Entry()));
}

class AuditRowsTest : public support::PostgresTest {
 protected:
  absl::Status Append(const std::string& target, bool then_fail = false) {
    return RunTransaction(pool(), TransactionKind::kReadWrite,
                          [&](Connection& connection) {
                            AppendAuditEntry(connection, {.actor = "anna",
                                                          .action = "PauseDestination",
                                                          .target = target,
                                                          .detail_json = "{}"});
                            if (then_fail) throw StatusError(absl::AbortedError("changed my mind"));
                            return true;
                          })
        .status();
  }

  std::vector<AuditRow> Entries() {
    auto entries = WithConnection(pool(), [](Connection& connection) {
      const Result rows = connection.Execute(kReadEntries);
      std::vector<AuditRow> read;
      for (int row = 0; row < rows.row_count(); ++row) read.push_back(ReadAuditRow(rows, row));
      return read;
    });
    EXPECT_OK(entries);
    return *entries;
  }
};

TEST_F(AuditRowsTest, EntriesMakeAChain) {
  ASSERT_OK(Append("pixel-1"));
  ASSERT_OK(Append("pixel-2"));
  const std::vector<AuditRow> entries = Entries();
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[0].sequence, 1);
  EXPECT_EQ(entries[0].previous_hash, "");
  EXPECT_EQ(entries[0].hash, AuditHash(entries[0]));
  EXPECT_EQ(entries[1].sequence, 2);
  EXPECT_EQ(entries[1].record.target, "pixel-2");
  EXPECT_EQ(entries[1].previous_hash, entries[0].hash);
  EXPECT_EQ(entries[1].hash, AuditHash(entries[1]));
}

TEST_F(AuditRowsTest, WhatIsRolledBackLeavesNeitherEntryNorGap) {
  EXPECT_THAT(Append("pixel-1", /*then_fail=*/true), StatusIs(absl::StatusCode::kAborted));
  ASSERT_OK(Append("pixel-2"));
  const std::vector<AuditRow> entries = Entries();
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].sequence, 1);
  EXPECT_EQ(entries[0].record.target, "pixel-2");
}

TEST_F(AuditRowsTest, ThoseWhoAppendAtOnceMakeOneChain) {
  constexpr int kWriters = 6;
  constexpr int kEntriesEach = 10;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([this, writer] {
      for (int i = 0; i < kEntriesEach; ++i) ASSERT_OK(Append(absl::StrCat(writer, "-", i)));
    });
  }
  for (std::thread& writer : writers) writer.join();
  std::string previous_hash;
  int64_t sequence = 0;
  const std::vector<AuditRow> entries = Entries();
  EXPECT_THAT(entries, SizeIs(kWriters * kEntriesEach));
  for (const AuditRow& entry : entries) {
    EXPECT_EQ(entry.sequence, ++sequence);
    EXPECT_EQ(entry.previous_hash, previous_hash);
    EXPECT_EQ(entry.hash, AuditHash(entry));
    previous_hash = entry.hash;
  }
}

}  // namespace
}  // namespace snapledger::storage
