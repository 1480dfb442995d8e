#include "tests/support/postgres_fixture.h"

#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "storage/embedded_cluster.h"
#include "storage/migrator.h"
#include "storage/transaction.h"
#include "tests/support/cluster_guard.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::support {
namespace {

using storage::EmbeddedCluster;

void Require(const absl::Status& status, const std::string& what) {
  if (!status.ok()) throw std::runtime_error(absl::StrCat(what, ": ", status.ToString()));
}

// The server the test databases live on, with the migrated template.
class Server {
 public:
  Server() {
    if (const char* given = getenv("SNAPLEDGER_TEST_DATABASE"); given != nullptr && *given != 0) {
      administrator_url_ = url_ = given;
    } else {
      StartCluster();
    }
    CreateDatabase(template_name_, "template0");
    Require(storage::Migrator(WithDatabase(url_, template_name_)).Migrate().status(),
            "the template database");
  }

  ~Server() {
    DropDatabase(template_name_);
    cluster_.reset();
    guard_.reset();
  }

  std::string CreateFor(TestDatabase::Schema schema) {
    std::string name = absl::StrCat(template_name_, "_", ++count_);
    CreateDatabase(name, schema == TestDatabase::Schema::kNone ? "template0" : template_name_);
    return name;
  }

  void DropDatabase(const std::string& name) {
    Script(absl::StrCat("drop database if exists ", name, " with (force)")).IgnoreError();
  }

  std::string UrlOf(const std::string& name) const { return WithDatabase(url_, name); }

 private:
  void StartCluster() {
    folder_ = std::make_unique<TemporaryFolder>();
    absl::StatusOr<std::unique_ptr<EmbeddedCluster>> cluster =
        EmbeddedCluster::Start(folder_->path(), {.shared_buffers_megabytes = 64, .durable = false});
    Require(cluster.status(), "the test cluster");
    cluster_ = *std::move(cluster);
    guard_ = std::make_unique<ClusterGuard>(folder_->path());
    url_ = cluster_->url();
    administrator_url_ = cluster_->administrator_url();
    owner_clause_ = " owner snapledger";
  }

  void CreateDatabase(const std::string& name, const std::string& like) {
    Require(Script(absl::StrCat("create database ", name, " template ", like, owner_clause_)),
            name);
  }

  absl::Status Script(const std::string& script) {
    storage::ConnectionPool pool({.connection = {.url = administrator_url_}, .size_max = 1});
    return storage::WithConnection(pool,
                                   [&](storage::Connection& connection) {
                                     connection.ExecuteScript(script);
                                     return true;
                                   })
        .status();
  }

  const std::string template_name_ = absl::StrCat("snapledger_test_", getpid());
  std::unique_ptr<TemporaryFolder> folder_;
  std::string url_;
  std::string administrator_url_;
  std::string owner_clause_;
  std::unique_ptr<EmbeddedCluster> cluster_;
  std::unique_ptr<ClusterGuard> guard_;
  std::atomic<int> count_ = 0;
};

std::mutex server_mutex;
std::unique_ptr<Server> server;

Server& TheServer() {
  const std::lock_guard lock(server_mutex);
  if (server == nullptr) server = std::make_unique<Server>();
  return *server;
}

// Ends the server with the last test rather than while the program is being torn down.
class ServerEnd : public ::testing::Environment {
  void TearDown() override { server.reset(); }
};
const ::testing::Environment* const server_end = ::testing::AddGlobalTestEnvironment(new ServerEnd);

}  // namespace

std::unique_ptr<TestDatabase> TestDatabase::Create(Schema schema) {
  Server& on = TheServer();
  std::string name = on.CreateFor(schema);
  std::string url = on.UrlOf(name);
  return std::unique_ptr<TestDatabase>(new TestDatabase(std::move(name), std::move(url)));
}

TestDatabase::~TestDatabase() {
  if (server != nullptr) server->DropDatabase(name_);
}

void PostgresTest::Run(const std::string& script) {
  Require(storage::WithConnection(pool_,
                                  [&](storage::Connection& connection) {
                                    connection.ExecuteScript(script);
                                    return true;
                                  })
              .status(),
          "script");
}

}  // namespace snapledger::support
