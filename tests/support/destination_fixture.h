#pragma once

#include <cstdint>

#include "tests/support/postgres_fixture.h"

namespace snapledger::support {

// Tests that need one destination with one lane in the ledger.
class DestinationTest : public PostgresTest {
 protected:
  void SetUp() override;

  int32_t destination_number_ = 0;
  int32_t shard_ = 0;
};

}  // namespace snapledger::support
