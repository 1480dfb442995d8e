#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "storage/database_url.h"
#include "storage/pool.h"

namespace snapledger::support {

// A database of its own, dropped when this ends. It lives on a private cluster that the test
// program starts once and removes when it ends, however it ends (without fsync: a test that kills
// the server makes an EmbeddedCluster of its own); or on the server that the environment's
// SNAPLEDGER_TEST_DATABASE names, by a role that may create databases.
class TestDatabase {
 public:
  enum class Schema {
    kCurrent,  // a clone of one that was migrated once
    kNone,     // empty
  };
  // Throws std::runtime_error: the test cannot run.
  static std::unique_ptr<TestDatabase> Create(Schema schema = Schema::kCurrent);
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;
  ~TestDatabase();

  const std::string& url() const { return url_; }

 private:
  TestDatabase(std::string name, std::string url) : name_(std::move(name)), url_(std::move(url)) {}

  const std::string name_;
  const std::string url_;
};

using storage::WithDatabase;

// Tests that need the ledger's tables: each has a database to itself.
class PostgresTest : public ::testing::Test {
 protected:
  const std::string& url() const { return database_->url(); }
  storage::ConnectionPool& pool() { return pool_; }
  // Text of statements without parameters.
  void Run(const std::string& script);

 private:
  const std::unique_ptr<TestDatabase> database_ = TestDatabase::Create();
  storage::ConnectionPool pool_{{.connection = {.url = database_->url()}}};
};

}  // namespace snapledger::support
