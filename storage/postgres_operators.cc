#include "storage/postgres_operators.h"

#include <map>
#include <utility>

#include "storage/audit_detail.h"
#include "storage/audit_rows.h"
#include "storage/slice_rows.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr Statement kHoldDestination = {
    "hold_destination",
    "select d.destination_id from destination d join shard s on s.destination_number = "
    "d.destination_number"
    " where s.shard = $1 and d.delete_time is null for share of d"};

// In the order of the key, so that two acts cannot wait for each other in a circle. Unlike a claim
// an act waits for a lock: a slice that somebody only looked at is still acted on.
constexpr Statement kLockSlices = {
    "lock_slices",
    "select l.lot_id, l.first_position, l.last_position, l.fence, l.state, l.queue"
    " from lot l join unnest($2::bigint[], $3::smallint[]) k (lot_id, first_position)"
    "   on l.lot_id = k.lot_id and l.first_position = k.first_position"
    " where l.shard = $1 order by l.lot_id, l.first_position for update of l"};

using KeyPair = std::pair<int64_t, int16_t>;

struct LockedSlice {
  int16_t last_position = 0;
  int64_t fence = 0;
  DeliveryState state = DeliveryState::kPending;
  Queue queue = Queue::kNone;
};

std::map<KeyPair, LockedSlice> LockSlices(Connection& connection, int32_t shard,
                                          absl::Span<const ActedSlice> slices) {
  std::vector<int64_t> lot_ids;
  std::vector<int16_t> firsts;
  for (const ActedSlice& slice : slices) {
    lot_ids.push_back(slice.read.key.lot_id);
    firsts.push_back(slice.read.key.first_position);
  }
  const Result rows = connection.Execute(
      kLockSlices, Parameters().Int4(shard).Int8Array(lot_ids).Int2Array(firsts));
  std::map<KeyPair, LockedSlice> locked;
  for (int row = 0; row < rows.row_count(); ++row) {
    locked[{rows.Int8(row, 0), rows.Int2(row, 1)}] = {
        .last_position = rows.Int2(row, 2),
        .fence = rows.Int8(row, 3),
        .state = static_cast<DeliveryState>(rows.Int2(row, 4)),
        .queue = static_cast<Queue>(rows.Int2(row, 5))};
  }
  return locked;
}

// The queue counts too: what was set aside meanwhile is another matter than what waits.
bool IsUnchanged(const SliceRow& read, const std::map<KeyPair, LockedSlice>& locked) {
  const auto found = locked.find({read.key.lot_id, read.key.first_position});
  if (found == locked.end()) return false;
  const LockedSlice& now = found->second;
  return now.last_position == read.last_position && now.fence == read.fence &&
         now.state == read.state && now.queue == read.queue;
}

SliceMove MoveOf(const SliceRow& read, const ActedPart& part, const std::string& reason) {
  const ActedMove& acted = *part.move;
  SliceMove move = {.key = {read.key.lot_id, part.part.first_position},
                    .last_position = part.part.last_position,
                    .event_count = part.part.event_count,
                    .from_state = read.state,
                    .to_state = acted.to_state,
                    .reason = reason,
                    .verdict_source = VerdictSource::kOperator,
                    .always_recorded = true};
  const bool sent_again =
      acted.to_state == DeliveryState::kPending || acted.to_state == DeliveryState::kInDoubt;
  if (!sent_again) return move;
  move.queue = Queue::kIsolated;
  move.isolation_group = acted.isolation_group;
  move.new_beginning = NewBeginning{.due_in = acted.due_in, .new_window = acted.new_window};
  return move;
}

// Cuts the slice and adds the moves of its parts; gives the number of events to be moved.
int64_t CutForMoves(Connection& connection, const ActedSlice& slice, const std::string& reason,
                    std::vector<SliceMove>* moves) {
  std::vector<SlicePart> parts;
  int64_t event_count = 0;
  for (const ActedPart& part : slice.parts) {
    parts.push_back(part.part);
    if (!part.move.has_value()) continue;
    moves->push_back(MoveOf(slice.read, part, reason));
    event_count += part.part.event_count;
  }
  CutSlice(connection, slice.read.shard, slice.read.key, parts);
  return event_count;
}

// Nothing may be made open again once its destination is deleted, and no deletion may count the
// events meanwhile. Gives its id.
std::string HoldDestination(Connection& connection, int32_t shard) {
  const Result held = connection.Execute(kHoldDestination, Parameters().Int4(shard));
  if (held.row_count() == 0) {
    throw StatusError(absl::NotFoundError("the destination was deleted"));
  }
  return held.Text(0, 0);
}

}  // namespace

absl::StatusOr<int64_t> PostgresOperatorStore::Apply(int32_t shard,
                                                     absl::Span<const ActedSlice> slices,
                                                     const ActRecord& act) {
  return RunTransaction(pool_, TransactionKind::kReadWrite, [&](Connection& connection) {
    const std::string destination_id = HoldDestination(connection, shard);
    std::map<KeyPair, LockedSlice> locked = LockSlices(connection, shard, slices);
    std::vector<SliceMove> moves;
    int64_t event_count = 0;
    for (const ActedSlice& slice : slices) {
      if (!IsUnchanged(slice.read, locked)) continue;
      // Given twice it is acted on once: the parts of the second would be of a slice that is gone.
      locked.erase({slice.read.key.lot_id, slice.read.key.first_position});
      event_count += CutForMoves(connection, slice, act.reason, &moves);
    }
    MoveSlices(connection, shard, moves, act.actor);
    if (event_count > 0) {
      AppendAuditEntry(
          connection,
          {.actor = act.actor,
           .action = act.action,
           .target = destination_id,
           .detail_json =
               AuditDetail().Count("events", event_count).Text("reason", act.reason).json()});
    }
    return event_count;
  });
}

}  // namespace snapledger::storage
