#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace snapledger::chaos {

// Cuts one direction of an unencrypted PostgreSQL connection (protocol 3) into its messages,
// however the bytes come. Not thread-safe.
class PostgresFrames {
 public:
  // What a client sends begins with a message without a type.
  enum class Side { kClient, kServer };
  explicit PostgresFrames(Side side) : in_startup_(side == Side::kClient) {}

  // Gives every message that is complete now: its type, 0 for the client's first, and as much of
  // its content as kHeadBytes.
  using Take = std::function<void(char type, std::string_view head)>;
  void Feed(std::string_view bytes, const Take& take);

  static constexpr size_t kHeadBytes = 64;

 private:
  bool in_startup_;
  std::string prefix_;    // type and length, as far as they have come
  std::string head_;      // of the content
  size_t remaining_ = 0;  // bytes of the content still to come
  bool in_content_ = false;
};

// Follows what a client of PostgreSQL sends and tells the messages that commit: `commit`, and the
// sync that ends several statements outside of a transaction block. Not thread-safe.
class CommitWatch {
 public:
  // True where these bytes complete a commit.
  bool Feed(std::string_view bytes);

 private:
  bool Take(char type, std::string_view head);
  bool TakeQuery(std::string_view text);

  PostgresFrames frames_{PostgresFrames::Side::kClient};
  bool in_block_ = false;
  int executed_ = 0;  // since the last sync
};

// Follows the answers of the server. Not thread-safe.
class AnswerWatch {
 public:
  enum class Answer { kNone, kDone, kFailed };
  // kDone or kFailed where these bytes complete the answer to a query or a sync.
  Answer Feed(std::string_view bytes);

 private:
  PostgresFrames frames_{PostgresFrames::Side::kServer};
  bool error_ = false;
};

}  // namespace snapledger::chaos
