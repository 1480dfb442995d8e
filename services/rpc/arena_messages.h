#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/support/message_allocator.h>

#include <array>
#include <cstddef>

namespace snapledger::rpc {

// Makes the request and the answer of each unary call in an arena of the call's own, so that their
// parts are neither made nor freed one by one. The arena lives until the answer was sent.
// Thread-safe.
template <typename Request, typename Response>
class ArenaMessages final : public grpc::MessageAllocator<Request, Response> {
 public:
  grpc::MessageHolder<Request, Response>* AllocateMessages() override { return new Holder(); }

 private:
  class Holder final : public grpc::MessageHolder<Request, Response> {
   public:
    Holder() : arena_(first_block_.data(), first_block_.size()) {
      this->set_request(google::protobuf::Arena::CreateMessage<Request>(&arena_));
      this->set_response(google::protobuf::Arena::CreateMessage<Response>(&arena_));
    }
    void Release() override { delete this; }

   private:
    // Holds a call of one event.
    alignas(std::max_align_t) std::array<char, 4096> first_block_;
    google::protobuf::Arena arena_;
  };
};

}  // namespace snapledger::rpc
