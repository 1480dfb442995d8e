#include "storage/slice_columns.h"

namespace snapledger::storage {

SliceRow ReadSlice(const Result& rows, int row, int32_t shard) {
  SliceRow slice = {.shard = shard,
                    .key = {.lot_id = rows.Int8(row, 0), .first_position = rows.Int2(row, 1)},
                    .last_position = rows.Int2(row, 2),
                    .event_count = rows.Int4(row, 3),
                    .json_bytes = rows.Int4(row, 15),
                    .fence = rows.Int8(row, 4),
                    .state = static_cast<DeliveryState>(rows.Int2(row, 5)),
                    .queue = static_cast<Queue>(rows.Int2(row, 6)),
                    .state_reason = rows.Text(row, 7),
                    .attempt_count = rows.Int4(row, 8),
                    .received_time = rows.Time(row, 9),
                    .first_sent_time = rows.OptionalTime(row, 11),
                    .final_time = rows.OptionalTime(row, 12),
                    .rollup = rows.Text(row, 14)};
  if (slice.queue != Queue::kNone) slice.next_attempt_time = rows.Time(row, 10);
  slice.possibly_delivered = rows.Bool(row, 13) && slice.state != DeliveryState::kDelivered;
  return slice;
}

}  // namespace snapledger::storage
