#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/parameters.h"
#include "storage/result.h"

using PGconn = struct pg_conn;

namespace snapledger::storage {

// One SQL statement of ours: its text is a constant, its name what it is prepared under and known
// by. The sources of the stores hold them.
struct Statement {
  const char* name;
  const char* text;
};

struct ConnectionOptions {
  std::string url;  // postgresql://… or a libpq connection string
  // Off for a proxy that pools by transaction: statements are then sent whole each time.
  bool prepared_statements = true;
  // Plans made for any parameters, never for those of one call: for statements that are written for
  // one plan. What a plan made for a shard that is new would look like depends on statistics that
  // know nothing of it.
  bool generic_plans = false;
  // How old they become (Connection::RenewPlans).
  absl::Duration plans_age_max = absl::Seconds(5);
};

// One connection to PostgreSQL. It never reconnects by itself: once broken it stays broken. Not
// thread-safe. Every call throws SqlError.
class Connection {
 public:
  explicit Connection(const ConnectionOptions& options);

  Result Execute(const Statement& statement, const Parameters& parameters = {});

  // Several statements in one round trip and one implicit transaction: all of them or none.
  struct Call {
    const Statement* statement;
    Parameters parameters;
  };
  std::vector<Result> ExecutePipeline(absl::Span<const Call> calls);

  // Text of several statements without parameters: migrations, begin, commit.
  void ExecuteScript(const std::string& script);

  // With generic plans of prepared statements: has them made anew once they are `plans_age_max`
  // old, since what was best for a table that was nearly empty is the worst for one that grew
  // (docs/decisions/0020). To be called outside a transaction.
  void RenewPlans();

  // Also where the server takes no writes: a standby, or one that was set to read only. Another
  // connection may find the right one.
  bool broken() const;

  // Whether a statement with very large parameters was sent. Buffers of the connection grew to hold
  // them, and stay so large until it is closed.
  bool bloated() const { return bloated_; }

 private:
  struct Finish {
    void operator()(PGconn* connection) const;
  };
  void EnsurePrepared(const Statement& statement, const Parameters& parameters);
  void Send(const Statement& statement, const Parameters& parameters);
  std::vector<Result> CollectPipeline(size_t call_count);
  [[noreturn]] void ThrowConnectionError() const;

  std::unique_ptr<PGconn, Finish> connection_;
  const bool prepared_statements_;
  const bool renews_plans_;
  const absl::Duration plans_age_max_;
  absl::Time plans_time_;
  absl::flat_hash_set<std::string> prepared_;
  bool bloated_ = false;
};

}  // namespace snapledger::storage
