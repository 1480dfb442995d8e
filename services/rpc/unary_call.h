#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/base/executor.h"
#include "services/base/metrics.h"

namespace snapledger::rpc {

// What every call of a service needs to be answered. What it names must outlive the calls.
struct CallSurroundings {
  const base::Clock& clock;
  base::Metrics& metrics;
  base::Executor& executor;  // for calls that block
};

// One unary call from its arrival to its answer, counted and timed. A copy is a handle on the same
// call; exactly one of them finishes it.
class UnaryCall {
 public:
  // `method` is a literal: the RPC's name.
  UnaryCall(grpc::CallbackServerContext* context, std::string_view method,
            const CallSurroundings& surroundings);

  grpc::ServerUnaryReactor* reactor() const { return reactor_; }

  // Whether the answer would still reach anybody: CANCELLED or DEADLINE_EXCEEDED where not.
  absl::Status StillWanted() const;

  // Answers. Nothing of the call may be touched afterwards.
  void Finish(const absl::Status& status) const;

  // Runs `work` on the executor and answers with what it returns; RESOURCE_EXHAUSTED where too many
  // calls wait. Work whose caller has gone meanwhile is not done. Returns the reactor.
  grpc::ServerUnaryReactor* Post(std::function<absl::Status()> work) const;

 private:
  grpc::CallbackServerContext* context_;
  grpc::ServerUnaryReactor* reactor_;
  std::string_view method_;
  const CallSurroundings* surroundings_;
  absl::Duration begin_;
};

}  // namespace snapledger::rpc
