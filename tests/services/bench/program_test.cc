#include "services/bench/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <unistd.h>

#include "absl/strings/str_split.h"
#include "storage/embedded_cluster.h"
#include "tests/support/running_program.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::bench {
namespace {

constexpr absl::Duration kRunMax = absl::Minutes(3);
constexpr const char* kNumbers[] = {"events",
                                    "seconds",
                                    "events_per_second",
                                    "p50_ms",
                                    "p95_ms",
                                    "p99_ms",
                                    "cpu_us_per_event_service",
                                    "cpu_us_per_event_postgres",
                                    "cpu_us_per_event_client",
                                    "cpu_us_per_event_total",
                                    "cpu_us_per_event_machine",
                                    "wal_bytes_per_event",
                                    "peak_rss_bytes",
                                    "events_per_lot",
                                    "snap_json_bytes_per_event"};

support::ProgramResult RunBench(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), std::string(SNAPLEDGER_BINARY_DIR) + "/bin/snapledger-bench");
  return support::RunProgram(arguments, kRunMax);
}

// One cluster for all runs.
class BenchProgramTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<support::TemporaryFolder>();
    directory_ = "embedded:" + folder_->path() + "/postgres";
  }
  static void TearDownTestSuite() { folder_.reset(); }

  // Runs a workload and gives its JSON, in which every number of the contract must be a sound one.
  static rapidjson::Document Measure(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--database", directory_});
    const support::ProgramResult result = RunBench(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    rapidjson::Document json;
    json.Parse(result.output.c_str());
    EXPECT_FALSE(json.HasParseError()) << result.output;
    if (json.HasParseError()) return json;
    for (const char* const name : kNumbers) {
      EXPECT_TRUE(json.HasMember(name) && json[name].IsNumber() && json[name].GetDouble() >= 0)
          << name << " in " << result.output;
    }
    EXPECT_EQ(json["workload"].GetString(), arguments[0]);
    EXPECT_GT(json["seconds"].GetDouble(), 0);
    EXPECT_GT(json["p50_ms"].GetDouble(), 0);
    EXPECT_GE(json["p99_ms"].GetDouble(), json["p50_ms"].GetDouble());
    EXPECT_GT(json["peak_rss_bytes"].GetInt64(), 1 << 20);
    return json;
  }

  static std::unique_ptr<support::TemporaryFolder> folder_;
  static std::string directory_;
};
std::unique_ptr<support::TemporaryFolder> BenchProgramTest::folder_;
std::string BenchProgramTest::directory_;

TEST_F(BenchProgramTest, IngestUnary) {
  const auto json = Measure({"ingest-unary", "--events", "300", "--noop"});
  EXPECT_EQ(json["events"].GetInt64(), 300);
  EXPECT_GT(json["noop_per_second"].GetDouble(), 0);
  EXPECT_GT(json["noop_p50_ms"].GetDouble(), 0);
  EXPECT_GT(json["fdatasync_ms"].GetDouble(), 0);
  EXPECT_GT(json["wal_bytes_per_event"].GetDouble(), 100);
}

TEST_F(BenchProgramTest, IngestBatch) {
  const auto json =
      Measure({"ingest-batch", "--events", "400", "--events-per-call", "50", "--backlog", "500"});
  EXPECT_EQ(json["events_per_call"].GetInt(), 50);
  EXPECT_EQ(json["backlog"].GetInt(), 500);
  EXPECT_FALSE(json.HasMember("cpu_us_per_event_sink"));
}

TEST_F(BenchProgramTest, EachRoundRecordsEventsOfItsOwnAndTellsAnObject) {
  const support::ProgramResult result =
      RunBench({"ingest-batch", "--events", "400", "--rounds", "3", "--history", "500"});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  int objects = 0;
  for (const absl::string_view line : absl::StrSplit(result.output, '\n', absl::SkipEmpty())) {
    rapidjson::Document json;
    json.Parse(line.data(), line.size());
    ASSERT_TRUE(json.IsObject()) << line;
    EXPECT_GT(json["events_per_second"].GetDouble(), 0);
    ++objects;
  }
  EXPECT_EQ(objects, 3);
}

TEST_F(BenchProgramTest, IngestStream) {
  const auto json = Measure({"ingest-stream", "--events", "400", "--events-per-call", "20"});
  EXPECT_EQ(json["events"].GetInt64(), 400);
}

TEST_F(BenchProgramTest, Drain) {
  const auto json = Measure({"drain", "--events", "400", "--events-per-call", "50"});
  EXPECT_EQ(json["events_per_lot"].GetDouble(), 50);
  EXPECT_GT(json["requests_to_sink"].GetDouble(), 0);
  EXPECT_GT(json["cpu_us_per_event_sink"].GetDouble(), 0);
}

TEST_F(BenchProgramTest, EndToEnd) {
  const auto json = Measure({"end-to-end", "--events", "400", "--history", "500"});
  EXPECT_GT(json["requests_to_sink"].GetDouble(), 0);
  EXPECT_GT(json["cpu_us_per_event_total"].GetDouble(), json["cpu_us_per_event_sink"].GetDouble());
}

TEST_F(BenchProgramTest, StatusQueries) {
  const auto json =
      Measure({"status-queries", "--events", "200", "--history", "500", "--under-load"});
  EXPECT_EQ(json["events"].GetInt64(), 200);
}

TEST_F(BenchProgramTest, MatchRateQueries) {
  const auto json = Measure({"match-rate-queries", "--events", "50", "--history", "500"});
  EXPECT_EQ(json["history"].GetInt64(), 500);
}

TEST_F(BenchProgramTest, RefusesADatabaseThatIsNotDurable) {
  const support::TemporaryFolder folder;
  const auto cluster = storage::EmbeddedCluster::Start(
      folder.path() + "/postgres", {.shared_buffers_megabytes = 32, .durable = false});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  const support::ProgramResult result =
      RunBench({"ingest-batch", "--events", "100", "--database", (*cluster)->administrator_url()});
  EXPECT_EQ(result.exit_code, 2);
  for (const char* const setting :
       {"fsync=off", "full_page_writes=off", "synchronous_commit=off"}) {
    EXPECT_THAT(result.output, testing::HasSubstr(setting));
  }
}

TEST_F(BenchProgramTest, RefusesWhatItCannotMeasure) {
  EXPECT_EQ(RunBench({"drain", "--events", "3", "--events-per-call", "2"}).exit_code, 2);
  EXPECT_EQ(RunBench({"end-to-end", "--backlog", "3"}).exit_code, 2);
  EXPECT_EQ(RunBench({"status-queries", "--history", "0"}).exit_code, 2);
  EXPECT_EQ(RunBench({"ingest-batch", "--payload", "noise"}).exit_code, 2);
  EXPECT_EQ(RunBench({"ingest-batch", "--database", "mysql://x"}).exit_code, 2);
  EXPECT_EQ(RunBench({}).exit_code, 2);
}

}  // namespace
}  // namespace snapledger::bench
