#include "storage/postgres_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/audit_rows.h"
#include "storage/transaction.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PostgresAuditTest : public support::PostgresTest {
 protected:
  void Append(const AuditRecord& record) {
    ASSERT_OK(RunTransaction(pool(), TransactionKind::kReadWrite, [&](Connection& connection) {
                AppendAuditEntry(connection, record);
                return true;
              }).status());
  }

  // Entries of anna and bert in turn; each third one pauses.
  void AppendMany(int count) {
    for (int i = 1; i <= count; ++i) {
      Append({.actor = i % 2 == 1 ? "anna" : "bert",
              .action = i % 3 == 0 ? "PauseDestination" : "UpdateDestination",
              .target = absl::StrCat("pixel-", i),
              .detail_json = absl::StrCat(R"({"number":)", i, "}")});
    }
  }

  AuditVerification Verify() {
    const absl::StatusOr<AuditVerification> verification = store_.Verify();
    EXPECT_OK(verification);
    return *verification;
  }

  // The sequences of all pages of `limit`, and how many pages there were.
  std::vector<int64_t> ListAll(const AuditFilter& filter, int limit, int* pages = nullptr) {
    std::vector<int64_t> sequences;
    std::optional<AuditPlace> before;
    do {
      const absl::StatusOr<AuditPage> page = store_.List(filter, before, limit);
      EXPECT_OK(page);
      EXPECT_LE(page->entries.size(), static_cast<size_t>(limit));
      for (const AuditRow& entry : page->entries) sequences.push_back(entry.sequence);
      before = page->stopped_at;
      if (pages != nullptr) ++*pages;
    } while (before.has_value());
    return sequences;
  }

  PostgresAuditStore store_{pool()};
};

TEST_F(PostgresAuditTest, AnEmptyLogHolds) {
  const AuditVerification verification = Verify();
  EXPECT_EQ(verification.first_broken_sequence, 0);
  EXPECT_EQ(verification.entries_checked, 0);
  EXPECT_EQ(verification.head_time, std::nullopt);
}

TEST_F(PostgresAuditTest, AWholeLogHolds) {
  AppendMany(200);
  const AuditVerification verification = Verify();
  EXPECT_EQ(verification.first_broken_sequence, 0);
  EXPECT_EQ(verification.entries_checked, 200);
  EXPECT_TRUE(verification.head_time.has_value());
}

// Longer than a page of the walk, and exactly as long.
TEST_F(PostgresAuditTest, ALogOfSeveralPagesHolds) {
  AppendMany(1000);
  EXPECT_EQ(Verify().entries_checked, 1000);
  AppendMany(3);
  const AuditVerification verification = Verify();
  EXPECT_EQ(verification.first_broken_sequence, 0);
  EXPECT_EQ(verification.entries_checked, 1003);
  Run("delete from audit_entry where sequence = 1002");
  EXPECT_EQ(Verify().first_broken_sequence, 1002);
}

// Statements that change one entry, $ standing for its sequence.
std::vector<std::string> Mutations() {
  std::vector<std::string> mutations = {
      "update audit_entry set entry_time = entry_time + interval '1 microsecond'",
      "update audit_entry set previous_hash = case when sequence = 1 then '\\x00'::bytea"
      " else set_byte(previous_hash, 31, get_byte(previous_hash, 31) # 1) end",
      "update audit_entry set hash = set_byte(hash, 0, get_byte(hash, 0) # 128)",
      "update audit_entry set sequence = sequence + 100000", "delete from audit_entry"};
  for (const char* const column : {"actor", "action", "target", "detail_json"}) {
    mutations.push_back(absl::StrCat("update audit_entry set ", column, " = ", column, " || ' '"));
    mutations.push_back(absl::StrCat("update audit_entry set ", column, " = overlay(", column,
                                     " placing '#' from 2 for 1)"));
  }
  for (std::string& mutation : mutations) mutation += " where sequence = ";
  return mutations;
}

// Each of them, on each of 200 entries, with the log mended in between.
TEST_F(PostgresAuditTest, EveryChangeOfOneEntryIsFound) {
  constexpr int kEntries = 200;
  AppendMany(kEntries);
  Run("create table copy as select * from audit_entry");
  for (const std::string& mutation : Mutations()) {
    for (int sequence = 1; sequence <= kEntries; ++sequence) {
      Run(absl::StrCat(mutation, sequence));
      ASSERT_EQ(Verify().first_broken_sequence, sequence) << mutation;
      Run(absl::StrCat("delete from audit_entry where sequence in (", sequence, ", ",
                       sequence + 100000, "); insert into audit_entry select * from copy where ",
                       "sequence = ", sequence));
    }
  }
  EXPECT_EQ(Verify().first_broken_sequence, 0);
}

TEST_F(PostgresAuditTest, EverySwapOfNeighboursIsFound) {
  constexpr int kEntries = 200;
  AppendMany(kEntries);
  const auto swap = [this](int first) {
    Run(absl::StrCat("update audit_entry set sequence = -sequence + 1000000 where sequence in (",
                     first, ", ", first + 1, "); update audit_entry set sequence = ", 2 * first + 1,
                     " - (1000000 - sequence) where sequence > 900000"));
  };
  for (int first = 1; first < kEntries; ++first) {
    swap(first);
    ASSERT_EQ(Verify().first_broken_sequence, first);
    swap(first);
  }
  EXPECT_EQ(Verify().first_broken_sequence, 0);
}

// As if the rest had never been: only the head tells.
TEST_F(PostgresAuditTest, ALogWithoutItsEndIsFound) {
  AppendMany(20);
  for (int last = 19; last >= 0; --last) {
    Run(absl::StrCat("delete from audit_entry where sequence > ", last));
    EXPECT_EQ(Verify().first_broken_sequence, last + 1);
  }
}

TEST_F(PostgresAuditTest, AnEntryPutInIsFound) {
  AppendMany(5);
  Run("insert into audit_entry select 6, entry_time, actor, action, target, detail_json, hash,"
      " hash from audit_entry where sequence = 5");
  EXPECT_EQ(Verify().first_broken_sequence, 6);
}

// The last entry is changed so that it holds in itself: the head does not agree.
TEST_F(PostgresAuditTest, ALastEntryMadeAnewIsFound) {
  AppendMany(5);
  ASSERT_OK_AND_ASSIGN(const AuditPage page, store_.List({}, std::nullopt, 1));
  AuditRow last = page.entries.at(0);
  last.record.actor = "nobody";
  constexpr Statement kForge = {"test_forge_audit_entry",
                                "update audit_entry set actor = $2, hash = $3 where sequence = $1"};
  ASSERT_OK(WithConnection(pool(), [&](Connection& connection) {
              return connection
                  .Execute(kForge, Parameters().Int8(5).Text("nobody").Bytes(AuditHash(last)))
                  .affected_rows();
            }).status());
  EXPECT_EQ(Verify().first_broken_sequence, 5);
}

TEST_F(PostgresAuditTest, AHeadThatWasChangedIsFound) {
  AppendMany(3);
  for (const char* const change :
       {"update audit_head set sequence = 2", "update audit_head set sequence = 4",
        "update audit_head set entry_time = entry_time + interval '1 microsecond'",
        "update audit_head set hash = set_byte(hash, 5, get_byte(hash, 5) # 1)",
        "delete from audit_head"}) {
    Run("create table head as select * from audit_head");
    Run(change);
    EXPECT_NE(Verify().first_broken_sequence, 0) << change;
    Run("delete from audit_head; insert into audit_head select * from head; drop table head");
  }
  EXPECT_EQ(Verify().first_broken_sequence, 0);
}

TEST_F(PostgresAuditTest, ListsNewestFirstPageByPage) {
  AppendMany(7);
  int pages = 0;
  EXPECT_THAT(ListAll({}, 3, &pages), ElementsAre(7, 6, 5, 4, 3, 2, 1));
  EXPECT_EQ(pages, 3);
  pages = 0;
  EXPECT_THAT(ListAll({}, 7, &pages), ElementsAre(7, 6, 5, 4, 3, 2, 1));
  EXPECT_EQ(pages, 1);
}

TEST_F(PostgresAuditTest, FiltersByActorActionAndTime) {
  AppendMany(12);
  EXPECT_THAT(ListAll({.actor = "bert"}, 4), ElementsAre(12, 10, 8, 6, 4, 2));
  EXPECT_THAT(ListAll({.action = "PauseDestination"}, 3), ElementsAre(12, 9, 6, 3));
  EXPECT_THAT(ListAll({.actor = "anna", .action = "PauseDestination"}, 3), ElementsAre(9, 3));
  EXPECT_THAT(ListAll({.actor = "nobody"}, 3), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const AuditPage all, store_.List({}, std::nullopt, 12));
  EXPECT_THAT(ListAll({.start = all.entries[2].time}, 50), ElementsAre(12, 11, 10));
  EXPECT_THAT(ListAll({.end = all.entries[10].time}, 50), ElementsAre(1));
}

// A rare actor among many entries: short pages that say where to go on, until it is found.
TEST_F(PostgresAuditTest, ALookForOneEntryIsBounded) {
  Append({.actor = "rare", .action = "A", .target = "t", .detail_json = "{}"});
  Run("insert into audit_entry select n, now(), 'anna', 'B', 't', '{}', '', ''"
      " from generate_series(2, 4500) n");
  int pages = 0;
  EXPECT_THAT(ListAll({.actor = "rare"}, 10, &pages), ElementsAre(1));
  EXPECT_EQ(pages, 3);
}

}  // namespace
}  // namespace snapledger::storage
