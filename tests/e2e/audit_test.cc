// The audit log through the API and the command line: what was done is on record, and what was done
// to the record shows.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "storage/pool.h"
#include "storage/transaction.h"
#include "tests/e2e/deployment.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";

class AuditTest : public ::testing::Test {
 protected:
  std::vector<v1::AuditEntry> List(v1::ListAuditEntriesRequest request) {
    std::vector<v1::AuditEntry> entries;
    do {
      grpc::ClientContext context;
      v1::ListAuditEntriesResponse response;
      const grpc::Status status = service_.admin->ListAuditEntries(&context, request, &response);
      EXPECT_TRUE(status.ok()) << status.error_message();
      entries.insert(entries.end(), response.entries().begin(), response.entries().end());
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return entries;
  }

  support::ProgramResult Command(const std::vector<std::string>& words) {
    std::vector<std::string> command = {ProgramPath("snapledger")};
    command.insert(command.end(), words.begin(), words.end());
    command.insert(command.end(), {"--insecure", "--server", service_.address});
    return support::RunProgram(command, absl::Seconds(30));
  }

  Deployment deployment_;
  Service service_ = deployment_.StartService();
};

TEST_F(AuditTest, ActsOfPeopleAndOfTheDispatcherAreOnRecord) {
  deployment_.emulator().SetTokens(std::string(kPixel) + " another-token");
  CreateDestination(service_, kPixel, v1::DESTINATION_KIND_PIXEL);
  support::RealisticEvents generator(3, "audit-", absl::Now());
  Record(service_, kPixel, {generator.Web()});
  v1::ListAuditEntriesRequest holds;
  holds.set_action("HoldDestination");
  ASSERT_TRUE(Await(absl::Seconds(30), [&] { return !List(holds).empty(); }));
  ASSERT_EQ(Command({"events", "cancel", "--destination", kPixel, "--reason", "a test", "--yes"})
                .exit_code,
            0);
  v1::ListAuditEntriesRequest request;
  request.set_page_size(2);
  const std::vector<v1::AuditEntry> entries = List(request);
  std::vector<std::string> acts;
  for (const v1::AuditEntry& entry : entries) {
    EXPECT_EQ(entry.target(), kPixel);
    EXPECT_THAT(entry.detail_json(), Not(HasSubstr("token-of")));
    acts.push_back(entry.actor() + " " + entry.action());
  }
  EXPECT_THAT(acts, ElementsAre("administrator CancelEvents", "dispatcher HoldDestination",
                                "administrator CreateDestination"));
  EXPECT_EQ(entries[0].detail_json(), R"({"events":1,"reason":"CANCELED: a test"})");
  EXPECT_EQ(entries[0].previous_hash(), entries[1].hash());
  EXPECT_EQ(entries[2].previous_hash(), "");
}

TEST_F(AuditTest, TheCommandLineVerifiesAndSaysWhereItIsBroken) {
  CreateDestination(service_, kPixel, v1::DESTINATION_KIND_PIXEL);
  ASSERT_EQ(Command({"destination", "pause", kPixel, "--reason", "fair"}).exit_code, 0);
  ASSERT_EQ(Command({"destination", "resume", kPixel}).exit_code, 0);
  const support::ProgramResult listed = Command({"audit", "list", "--action", "PauseDestination"});
  EXPECT_EQ(listed.exit_code, 0);
  EXPECT_THAT(listed.output, AllOf(HasSubstr("PauseDestination"), HasSubstr(R"("reason":"fair")"),
                                   Not(HasSubstr("ResumeDestination"))));
  const support::ProgramResult whole = Command({"audit", "verify"});
  EXPECT_EQ(whole.exit_code, 0);
  EXPECT_THAT(whole.output, HasSubstr("intact: 3 entries"));
  storage::ConnectionPool pool({.connection = {.url = deployment_.database_url()}});
  ASSERT_TRUE(storage::WithConnection(pool, [](storage::Connection& connection) {
                connection.ExecuteScript("update audit_entry set actor = 'x' where sequence = 2");
                return true;
              }).ok());
  const support::ProgramResult broken = Command({"audit", "verify", "-o", "json"});
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_THAT(broken.output, HasSubstr(R"("firstBrokenSequence": "2")"));
}

}  // namespace
}  // namespace snapledger::e2e
