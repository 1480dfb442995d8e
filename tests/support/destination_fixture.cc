#include "tests/support/destination_fixture.h"

#include "storage/postgres_destinations.h"
#include "tests/support/status_matchers.h"

namespace snapledger::support {

void DestinationTest::SetUp() {
  storage::PostgresDestinationStore destinations(pool());
  ASSERT_OK_AND_ASSIGN(
      const storage::Destination destination,
      destinations.Create(
          {.destination_id = "pixel-1", .kind = 1, .token_id = "t1", .sealed_token = "sealed"},
          "somebody"));
  destination_number_ = destination.number;
  shard_ = destination.shards.at(0);
}

}  // namespace snapledger::support
