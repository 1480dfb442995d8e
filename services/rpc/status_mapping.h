#pragma once

#include <grpcpp/support/status.h>

#include <string_view>

#include "absl/status/status.h"

namespace snapledger::rpc {

// The one place where an absl::Status becomes a gRPC one. The details (base/error_details.h) go out
// as google.rpc messages in grpc-status-details-bin, ErrorInfo always, in at most
// kDetailsBytesMax; a status without a reason gets the one of its code. INTERNAL, UNKNOWN and
// DATA_LOSS are logged under an id and reach the caller with that id alone; of UNAVAILABLE and
// DEADLINE_EXCEEDED without a reason, which come from the database, the text stays in the log too.
// `method`: the RPC, for the log.
grpc::Status ToGrpcStatus(const absl::Status& status, std::string_view method);

inline constexpr size_t kDetailsBytesMax = 4000;
inline constexpr char kErrorDomain[] = "snapledger";

// The name of a gRPC code, e.g. NOT_FOUND.
std::string_view CodeName(grpc::StatusCode code);

}  // namespace snapledger::rpc
