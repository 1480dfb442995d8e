#pragma once

#include <optional>

#include "absl/time/time.h"
#include "services/dispatch/outcome.h"
#include "storage/ledger.h"

namespace snapledger::dispatch {

// What an attempt tells of the pace of its destination; not set where there is nothing to note:
// it worked, and all was calm when it was claimed.
//   throttled                     works, at half the rate
//   doubt                         failed, at half the rate
//   not sent                      failed
//   any other answer              works; at nine tenths of the rate where it took nearly as long as
//                                 `request_timeout` allows
//   held back by the dispatcher   nothing, but a trial was not made
// Pure.
std::optional<storage::PaceSign> PaceSignOf(const Decision& decision,
                                            const storage::PaceAtClaim& claimed,
                                            absl::Duration request_timeout,
                                            absl::Duration open_for);

}  // namespace snapledger::dispatch
