#include "services/cli/receipt_text.h"

#include "absl/strings/str_format.h"
#include "services/base/text.h"
#include "services/cli/table.h"

namespace snapledger::cli {

std::string ReceiptsOf(const v1::DestinationDelivery& destination) {
  const int64_t expected = destination.receipts_expected_last_hour();
  const int64_t reported = destination.receipts_reported_last_hour();
  if (reported < 0) return "-";
  const std::string counts = Grouped(reported) + " of " + Grouped(expected);
  if (expected == 0) return counts;
  return absl::StrFormat("%s (%.0f %%)", counts,
                         100 * static_cast<double>(reported) / static_cast<double>(expected));
}

std::string ReceiptsNote(const v1::DestinationDelivery& destination) {
  if (destination.receipts_reported_last_hour() < 0) {
    return "not known: Snap was not asked lately, or its answer was not understood";
  }
  return base::Concat(ReceiptsOf(destination),
                      " of the events delivered in an hour: what Snap says it received, which says "
                      "nothing of matches");
}

}  // namespace snapledger::cli
