#include "tests/chaos/postgres_frames.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "services/base/text.h"

namespace snapledger::chaos {
namespace {

constexpr size_t kLengthBytes = 4;

size_t LengthOf(std::string_view four_bytes) {
  uint32_t length = 0;
  for (const char byte : four_bytes) length = length << 8 | static_cast<unsigned char>(byte);
  return std::max<size_t>(length, kLengthBytes);
}

}  // namespace

void PostgresFrames::Feed(std::string_view bytes, const Take& take) {
  while (!bytes.empty()) {
    const size_t type_bytes = in_startup_ ? 0 : 1;
    if (!in_content_) {
      const size_t missing = type_bytes + kLengthBytes - prefix_.size();
      const size_t taken = std::min(missing, bytes.size());
      prefix_.append(bytes.substr(0, taken));
      bytes.remove_prefix(taken);
      if (taken < missing) return;
      // The length counts itself.
      remaining_ = LengthOf(std::string_view(prefix_).substr(type_bytes)) - kLengthBytes;
      in_content_ = true;
    }
    const size_t taken = std::min(remaining_, bytes.size());
    if (head_.size() < kHeadBytes) {
      head_.append(bytes.substr(0, std::min(taken, kHeadBytes - head_.size())));
    }
    bytes.remove_prefix(taken);
    remaining_ -= taken;
    if (remaining_ > 0) return;
    take(in_startup_ ? '\0' : prefix_[0], head_);
    in_startup_ = in_content_ = false;
    prefix_.clear();
    head_.clear();
  }
}

bool CommitWatch::Feed(std::string_view bytes) {
  bool commits = false;
  frames_.Feed(bytes,
               [&](char type, std::string_view head) { commits = Take(type, head) || commits; });
  return commits;
}

bool CommitWatch::Take(char type, std::string_view head) {
  switch (type) {
    case 'Q':
      return TakeQuery(head.substr(0, head.find('\0')));
    case 'E':
      ++executed_;
      return false;
    case 'S': {
      const bool several = executed_ > 1;
      executed_ = 0;
      return several && !in_block_;
    }
    default:
      return false;
  }
}

bool CommitWatch::TakeQuery(std::string_view text) {
  const absl::string_view word = absl::StripAsciiWhitespace(base::AsAbsl(text));
  // A script of several statements begins and ends its block itself.
  if (absl::StrContains(word, ";")) return false;
  if (absl::StartsWithIgnoreCase(word, "begin")) in_block_ = true;
  if (absl::StartsWithIgnoreCase(word, "rollback")) in_block_ = false;
  if (!absl::EqualsIgnoreCase(word, "commit")) return false;
  in_block_ = false;
  return true;
}

AnswerWatch::Answer AnswerWatch::Feed(std::string_view bytes) {
  Answer answer = Answer::kNone;
  frames_.Feed(bytes, [&](char type, std::string_view) {
    if (type == 'E') error_ = true;
    if (type != 'Z') return;
    answer = error_ ? Answer::kFailed : Answer::kDone;
    error_ = false;
  });
  return answer;
}

}  // namespace snapledger::chaos
