#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

namespace snapledger::chaos {

// A connection of its own, which is tried again within half a second where the far end is away.
std::shared_ptr<grpc::Channel> ImpatientChannel(const std::string& address);

// "UNAVAILABLE" and the like; OK for an answer that is none.
std::string GrpcCodeText(const grpc::Status& status);

}  // namespace snapledger::chaos
