#include "services/base/text.h"
#include "services/dispatch/retry_policy.h"
#include "tests/checker/checks.h"

namespace snapledger::checker {
namespace {

using storage::DeliveryState;
using storage::Queue;

// Longest of what the ledger puts a slice off for by itself (a Retry-After is cut at a day), and
// some.
constexpr Micros kWaitMax = Micros{25} * 3600 * 1'000'000;
// For so long what is due may wait for the poll, the gate and retries while its destination is
// healthy.
constexpr Micros kDueMax = Micros{60} * 1'000'000;

bool Waits(const SliceFacts& slice) {
  return slice.state == DeliveryState::kPending || slice.state == DeliveryState::kInDoubt;
}

bool IsOpen(const SliceFacts& slice) {
  return Waits(slice) || slice.state == DeliveryState::kInFlight;
}

}  // namespace

void CheckStorage(const Evidence& evidence, const Books& books, const CheckOptions& options,
                  Report* report) {
  int64_t acknowledged = 0, stored = 0, in_slices = 0;
  for (const EventFacts& event : evidence.events) {
    acknowledged += event.acknowledged ? 1 : 0;
    stored += event.stored ? 1 : 0;
    if (event.acknowledged && !event.stored) {
      report->Violation(1, "acknowledged and not stored: " + Describe(evidence, event));
    }
    if (options.has_load && event.stored && !event.offered) {
      report->Violation(1, "stored and never sent by the load: " + Describe(evidence, event));
    }
    if (event.stored && books.SliceOf(event) == nullptr) {
      report->Violation(6, "in no slice: " + Describe(evidence, event));
    }
  }
  if (!options.has_load) report->Note(1, "no load log: acknowledgements are not looked at");
  report->Checked(1, acknowledged, "acknowledged");
  report->Checked(1, stored, "stored");
  const SliceFacts* before = nullptr;
  for (const SliceFacts& slice : evidence.slices) {
    in_slices += slice.event_count;
    const size_t held =
        books.EventsAt(slice.shard, slice.lot_id, slice.first_position, slice.last_position).size();
    if (held != static_cast<size_t>(slice.event_count)) {
      report->Violation(6, base::Concat(Describe(slice), " counts ", slice.event_count,
                                        " events and holds ", held));
    }
    if (before != nullptr && before->shard == slice.shard && before->lot_id == slice.lot_id &&
        before->last_position >= slice.first_position) {
      report->Violation(6, "overlaps the one before it: " + Describe(slice));
    }
    before = &slice;
  }
  if (in_slices != stored) {
    report->Violation(6,
                      base::Concat("the states hold ", in_slices, " events, the ledger ", stored));
  }
  report->Checked(6, stored, "stored");
  report->Checked(6, static_cast<int64_t>(evidence.slices.size()), "slices");
}

void CheckBacklog(const Evidence& evidence, const CheckOptions& options, Report* report) {
  int64_t waiting = 0;
  for (const SliceFacts& slice : evidence.slices) {
    if (slice.definite_failures > dispatch::kDefiniteFailuresMax) {
      report->Violation(5, base::Concat(Describe(slice), " failed ", slice.definite_failures,
                                        " times for certain"));
    }
    const int16_t destination = evidence.destination_of_shard.at(slice.shard);
    const bool healthy = !evidence.destinations[destination].paused;
    if (options.quiet_phase_over && healthy && IsOpen(slice)) {
      report->Violation(18, base::Concat("still ", StateName(slice.state), ": ", Describe(slice)));
    }
    if (!Waits(slice)) continue;
    ++waiting;
    const Micros due_in = slice.next_attempt_time - evidence.database_now;
    if (slice.queue == Queue::kNone) {
      report->Violation(5, "waits in no queue: " + Describe(slice));
    } else if (slice.queue != Queue::kIsolated && due_in > kWaitMax) {
      report->Violation(5, base::Concat("is due only in ", due_in / 1'000'000 / 3600,
                                        " hours: ", Describe(slice)));
    } else if (options.quiet_phase_over && healthy && -due_in > kDueMax) {
      report->Violation(
          5, base::Concat("has been due for ", -due_in / 1'000'000, " seconds: ", Describe(slice)));
    }
  }
  report->Checked(5, static_cast<int64_t>(evidence.slices.size()), "slices");
  report->Checked(5, waiting, "of them waiting");
  if (options.quiet_phase_over) {
    report->Checked(18, static_cast<int64_t>(evidence.slices.size()), "slices after quiet");
  } else {
    report->NotChecked(18, "no --quiet-phase-over: a backlog may be under way");
    report->Note(5, "how long what is due has waited is looked at after a quiet phase only");
  }
}

}  // namespace snapledger::checker
