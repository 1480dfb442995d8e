#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "storage/postgres_data_keys.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::snapledger::support::StatusIs;

class DataKeyStoreTest : public support::PostgresTest {
 protected:
  PostgresDataKeyStore store_{pool()};
};

TEST_F(DataKeyStoreTest, ADayHasOneKey) {
  const std::string wrapped("\0wrapped\xff", 9);
  ASSERT_OK_AND_ASSIGN(const WrappedDataKey first, store_.FindOrInsert("2026-11-23", wrapped));
  EXPECT_EQ(first.wrapped, wrapped);
  ASSERT_OK_AND_ASSIGN(const WrappedDataKey again, store_.FindOrInsert("2026-11-23", "another"));
  EXPECT_EQ(again.number, first.number);
  EXPECT_EQ(again.wrapped, wrapped);
  ASSERT_OK_AND_ASSIGN(const WrappedDataKey next, store_.FindOrInsert("2026-11-24", "another"));
  EXPECT_NE(next.number, first.number);
}

TEST_F(DataKeyStoreTest, IsFoundByNumberUntilItIsDestroyed) {
  ASSERT_OK_AND_ASSIGN(const WrappedDataKey made, store_.FindOrInsert("2026-11-23", "wrapped"));
  ASSERT_OK_AND_ASSIGN(const WrappedDataKey got, store_.Get(made.number));
  EXPECT_EQ(got.wrapped, "wrapped");
  Run("delete from snapledger_keys.data_key");
  EXPECT_THAT(store_.Get(made.number), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DataKeyStoreTest, ThoseWhoMakeOneAtOnceGetTheSame) {
  std::vector<WrappedDataKey> keys(6);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < keys.size(); ++i) {
    threads.emplace_back([this, i, &keys] {
      auto key = store_.FindOrInsert("2026-11-23", absl::StrCat("wrapped by ", i));
      ASSERT_OK(key);
      keys[i] = *key;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const WrappedDataKey& key : keys) {
    EXPECT_EQ(key.number, keys[0].number);
    EXPECT_EQ(key.wrapped, keys[0].wrapped);
  }
}

}  // namespace
}  // namespace snapledger::storage
