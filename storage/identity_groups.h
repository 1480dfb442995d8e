#pragma once

#include <cstdint>

#include "storage/made_statement.h"

namespace snapledger::storage {

// A key of any age is looked for in groups of identity partitions, the newest first: a statement
// locks every partition it may ask and makes it ready to be asked, and with every million events
// there is one more (docs/decisions/0049).
inline constexpr int32_t kPartitionsPerGroup = 16;

// Counted from 0. Partitions are numbered from 1.
constexpr int32_t GroupOf(int32_t partition) { return (partition - 1) / kPartitionsPerGroup; }

// The number of the newest partition, which is the open one.
inline constexpr Statement kNewestPartition = {
    "newest_partition", "select open_partition_number from identity_roll where id = 1"};

// The statement for one group: `name` with its number, `text` with "@group" replaced by the
// condition on partition_number.
MadeStatement OfGroup(const char* name, const char* text, int32_t group);

}  // namespace snapledger::storage
