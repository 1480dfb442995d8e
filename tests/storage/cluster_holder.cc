// Starts the embedded cluster of a folder, writes a row, says so and waits to be killed.

#include <unistd.h>

#include <cstdio>

#include "storage/embedded_cluster.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

int Hold(const char* folder) {
  const auto cluster = EmbeddedCluster::Start(folder, {.shared_buffers_megabytes = 32});
  if (!cluster.ok()) {
    std::fprintf(stderr, "%s\n", cluster.status().ToString().c_str());
    return 1;
  }
  ConnectionPool pool({.connection = {.url = (*cluster)->url()}});
  const auto written = WithConnection(pool, [](Connection& connection) {
    connection.ExecuteScript("create table public.kept as select 42 as answer");
    return true;
  });
  if (!written.ok()) return 1;
  std::printf("%d\n", (*cluster)->server_pid());
  std::fflush(stdout);
  pause();
  return 0;
}

}  // namespace
}  // namespace snapledger::storage

int main(int argc, char** argv) { return argc == 2 ? snapledger::storage::Hold(argv[1]) : 2; }
