#include "tests/chaos/postgres_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace snapledger::chaos {
namespace {

using ::testing::ElementsAre;

std::string Length(size_t length) {
  return {static_cast<char>(length >> 24), static_cast<char>(length >> 16),
          static_cast<char>(length >> 8), static_cast<char>(length)};
}

std::string Message(char type, const std::string& content) {
  return type + Length(content.size() + 4) + content;
}

std::string Query(const std::string& text) { return Message('Q', text + '\0'); }

std::string Startup() { return Length(4 + 8) + std::string("\0\3\0\0user", 8); }

std::vector<char> Types(PostgresFrames& frames, std::string_view bytes) {
  std::vector<char> types;
  frames.Feed(bytes, [&types](char type, std::string_view) { types.push_back(type); });
  return types;
}

TEST(PostgresFramesTest, CutsMessagesHoweverTheBytesCome) {
  const std::string bytes = Startup() + Query("begin") + Message('S', "") + Message('E', "x");
  PostgresFrames whole(PostgresFrames::Side::kClient);
  EXPECT_THAT(Types(whole, bytes), ElementsAre('\0', 'Q', 'S', 'E'));
  PostgresFrames in_bytes(PostgresFrames::Side::kClient);
  std::vector<char> types;
  for (const char byte : bytes) {
    for (const char type : Types(in_bytes, {&byte, 1})) types.push_back(type);
  }
  EXPECT_THAT(types, ElementsAre('\0', 'Q', 'S', 'E'));
}

TEST(PostgresFramesTest, KeepsTheBeginningOfALongMessage) {
  PostgresFrames frames(PostgresFrames::Side::kServer);
  std::string head;
  frames.Feed(Message('D', std::string(5000, 'd')),
              [&head](char, std::string_view given) { head = given; });
  EXPECT_EQ(head, std::string(PostgresFrames::kHeadBytes, 'd'));
}

TEST(CommitWatchTest, ACommitOfABlock) {
  CommitWatch watch;
  EXPECT_FALSE(watch.Feed(Startup() + Query("begin")));
  EXPECT_FALSE(watch.Feed(Message('E', "") + Message('E', "") + Message('S', "")));
  EXPECT_TRUE(watch.Feed(Query("commit")));
  EXPECT_FALSE(watch.Feed(Query("begin") + Query("rollback")));
}

TEST(CommitWatchTest, TheSyncOfSeveralStatementsWithoutABlock) {
  CommitWatch watch;
  EXPECT_FALSE(watch.Feed(Startup() + Message('E', "") + Message('S', "")));
  EXPECT_TRUE(watch.Feed(Message('E', "") + Message('E', "") + Message('S', "")));
}

TEST(CommitWatchTest, AScriptEndsItsBlockItself) {
  CommitWatch watch;
  EXPECT_FALSE(watch.Feed(Startup() + Query("begin; create table a (b int); commit")));
  EXPECT_TRUE(watch.Feed(Message('E', "") + Message('E', "") + Message('S', "")));
}

TEST(AnswerWatchTest, TellsWhenTheServerIsDone) {
  AnswerWatch watch;
  EXPECT_EQ(watch.Feed(Message('C', "COMMIT")), AnswerWatch::Answer::kNone);
  EXPECT_EQ(watch.Feed(Message('Z', "I")), AnswerWatch::Answer::kDone);
  EXPECT_EQ(watch.Feed(Message('E', "no") + Message('Z', "I")), AnswerWatch::Answer::kFailed);
  EXPECT_EQ(watch.Feed(Message('Z', "I")), AnswerWatch::Answer::kDone);
}

}  // namespace
}  // namespace snapledger::chaos
