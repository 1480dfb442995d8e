#pragma once

#include <grpcpp/support/server_callback.h>

#include <string_view>

#include "absl/status/status.h"

namespace snapledger::rpc {

// UNIMPLEMENTED for an RPC that is declared and comes with a later release.
absl::Status NotServedYet(std::string_view method);

// FAILED_PRECONDITION for an RPC that the roles of this process leave out.
absl::Status RoleNotServed(std::string_view method, std::string_view role);

// A stream that is refused before its first message.
template <typename Response>
class RefusedWrites final : public grpc::ServerWriteReactor<Response> {
 public:
  explicit RefusedWrites(const grpc::Status& status) { this->Finish(status); }
  void OnDone() override { delete this; }
};

template <typename Request, typename Response>
class RefusedBidi final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  explicit RefusedBidi(const grpc::Status& status) { this->Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace snapledger::rpc
