// The whole schema as pg_dump tells it, against tests/golden/schema.sql, so that a change of it is
// seen in review. After a wanted change: SNAPLEDGER_UPDATE_GOLDEN=1 bin/storage_schema_test

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/embedded_cluster.h"
#include "storage/migrator.h"
#include "storage/postgres_programs.h"
#include "storage/transaction.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::storage {
namespace {

constexpr char kGoldenFile[] = SNAPLEDGER_SOURCE_DIR "/tests/golden/schema.sql";

// What differs from one pg_dump to the next and says nothing of the schema.
bool IsNoise(absl::string_view line) {
  return line == "\n" || absl::StartsWith(line, "--") || absl::StartsWith(line, "SET ") ||
         absl::StartsWith(line, "SELECT pg_catalog.set_config") || absl::StartsWith(line, "\\");
}

std::string DumpSchema(const std::string& programs, const std::string& url) {
  const std::string command =
      absl::StrCat(programs, "/pg_dump --schema-only --no-owner --no-privileges '", url, "'");
  const std::unique_ptr<FILE, int (*)(FILE*)> output(popen(command.c_str(), "r"), pclose);
  std::string dump;
  char line[8192];
  while (fgets(line, sizeof line, output.get()) != nullptr) {
    if (!IsNoise(line)) dump.append(line);
  }
  return dump;
}

constexpr Statement kCountedArrays = {
    "counted_arrays",
    "select a.attrelid::regclass || '.' || a.attname from pg_attribute a"
    " join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid"
    " where c.relnamespace = 'snapledger'::regnamespace and c.relkind in ('r', 'p')"
    "   and t.typcategory = 'A' and a.attstattarget <> 0"};

class StatisticsTest : public support::PostgresTest {};

// ANALYZE would count the elements of thousands of them, beside intake (docs/decisions/0034).
TEST_F(StatisticsTest, OfNoArrayColumn) {
  ASSERT_OK_AND_ASSIGN(const std::string counted,
                       WithConnection(pool(), [](Connection& connection) {
                         const Result rows = connection.Execute(kCountedArrays);
                         std::string columns;
                         for (int row = 0; row < rows.row_count(); ++row) {
                           columns += rows.Text(row, 0) + " ";
                         }
                         return columns;
                       }));
  EXPECT_EQ(counted, "");
}

TEST(SchemaTest, IsTheGoldenOne) {
  const support::TemporaryFolder folder;
  ASSERT_OK_AND_ASSIGN(
      const auto cluster,
      EmbeddedCluster::Start(folder.path(), {.shared_buffers_megabytes = 32, .durable = false}));
  ASSERT_OK(Migrator(cluster->url()).Migrate());
  ASSERT_OK_AND_ASSIGN(const std::string programs, FindPostgresPrograms(""));
  const std::string schema = DumpSchema(programs, cluster->url());
  if (std::getenv("SNAPLEDGER_UPDATE_GOLDEN") != nullptr) std::ofstream(kGoldenFile) << schema;
  std::ifstream golden(kGoldenFile);
  EXPECT_EQ(schema, std::string(std::istreambuf_iterator<char>(golden), {}));
}

}  // namespace
}  // namespace snapledger::storage
