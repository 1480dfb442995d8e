#include "storage/attempt_rows.h"

namespace snapledger::storage {

AttemptRow ReadAttempt(const Result& rows, int row) {
  return {.attempt_id = rows.UuidValue(row, 0),
          .batch_id = rows.UuidValue(row, 1),
          .sent_time = rows.Time(row, 2),
          .answered_time = rows.OptionalTime(row, 3),
          .http_status = rows.Int2(row, 4),
          .snap_status = rows.Text(row, 5),
          .snap_reason = rows.Text(row, 6),
          .error = rows.Text(row, 7),
          .outcome = static_cast<AttemptOutcome>(rows.Int2(row, 8)),
          .verdict_source = static_cast<VerdictSource>(rows.Int2(row, 9)),
          .batch_size = rows.Int4(row, 10),
          .body_sha256 = rows.Text(row, 11),
          .from_state = static_cast<DeliveryState>(rows.Int2(row, 12)),
          .to_state = static_cast<DeliveryState>(rows.Int2(row, 13)),
          .state_reason = rows.Text(row, 14)};
}

}  // namespace snapledger::storage
