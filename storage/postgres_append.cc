// Append: one group commit.
//
// The keys that closed partitions hold are looked for first, in the database only where a filter in
// memory does not rule them out (docs/decisions/0031); then identities, lots and payloads go
// in one pipeline that is one transaction. The open partition's key is enforced by the database: a
// repeated key fails the pipeline whole, and the append is done again after asking the open
// partition as well. Each such round means that another transaction committed, so rounds end.

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/made_statement.h"
#include "storage/postgres_ledger.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr int kRoundsMax = 20;
constexpr int kCarefulAppends = 64;
constexpr int64_t kLotIdBlock = 1024;

constexpr Statement kSelectPartitions = {
    "select_partitions",
    "select r.open_partition_number, array(select p.partition_number from identity_partition p"
    "   where p.close_time > now() - $1 order by 1), r.lane_epoch, server_life()"
    " from identity_roll r where r.id = 1"};

constexpr Statement kTakeLotIds = {
    "take_lot_ids",
    "update lot_id_block set next_lot_id = next_lot_id + $1 where id = 1"
    " returning next_lot_id - $1, server_life()"};

// Asks one partition by the name of its own table: of the whole one all partitions there ever were
// would be locked, and planned, to ask one. The lateral join keeps the plan an index probe per key,
// whatever the statistics say.
MadeStatement FindHeldIn(int32_t partition) {
  return {absl::StrCat("find_held_", partition),
          absl::StrCat("select k.ordinal::int, i.content_digest"
                       " from unnest($2::uuid[]) with ordinality k (event_key, ordinal)"
                       " cross join lateral (select content_digest from identity_",
                       partition, " where shard = $1 and event_key = k.event_key limit 1) i")};
}

// Holds the roll and changes of lanes off until this transaction ends; fails with division_by_zero
// when the partition this process knows is no longer the open one, the lanes have changed, or this
// is another life of the server than that whose filters were asked.
constexpr Statement kSharePartition = {
    "share_partition",
    "select 1 / (case when open_partition_number = $1 and lane_epoch = $2 and server_life() = $3"
    "   then 1 else 0 end)"
    " from identity_roll where id = 1 for share"};

// In the transaction of the first append to a partition: who has closed it knows by this who
// appended to it (docs/decisions/0043).
constexpr Statement kListAppender = {
    "list_appender",
    "insert into identity_appender (partition_number, appender_id) values ($1, $2)"
    " on conflict do nothing"};

// One statement for four tables: docs/decisions/0035. The identities are the outer one, which runs
// first: a repeated key fails before any payload is written.
constexpr Statement kInsertLot = {
    "insert_whole_lot",
    "with new_lot as ("
    "   insert into lot (shard, lot_id, first_position, last_position, event_count, json_bytes,"
    "     state, queue, next_attempt_time, received_time, oldest_event_time, final_time,"
    "     exceptional_state, rollup)"
    "   values ($1, $3, 0, $11, $12, $13, $14, $15, now(), now(), $16,"
    "     case when $14::smallint >= 4 then now() end, case when $14::smallint > 4 then $14 end,"
    "     $17)),"
    " new_payload as ("
    "   insert into lot_payload (shard, lot_id, payload, piece_bounds) values ($1, $3, $19, $20)),"
    " new_lookup as ("
    "   insert into lot_lookup (shard, lot_id, keys)"
    "   select $1, $3, $18 where cardinality($18::bigint[]) > 0)"
    " insert into identity (shard, partition_number, lot_id, event_key, content_digest,"
    "   event_time, name_label, source_label, usable, position)"
    " select $1, $2, $3, k.* from unnest($4::uuid[], $5::bigint[], $6::timestamptz[], $7::int[],"
    "   $8::int[], $9::smallint[], $10::smallint[]) k"};

// What one round knows of a lot.
struct LotRound {
  AppendedLot answer;
  std::vector<bool> is_new;
};

// What is to be looked for in one partition.
struct Probes {
  int32_t partition = 0;
  std::vector<int> positions;  // of the event, in its lot
  std::vector<Uuid> keys;
};

std::vector<Probes> ProbesOf(const NewLot& lot, int32_t shard, absl::Span<const int> positions,
                             const std::vector<int32_t>& partitions,
                             const IdentityFilters::ByPartition& filters) {
  std::vector<KeyFilter::Hash> hashes;
  hashes.reserve(positions.size());
  for (const int position : positions) {
    hashes.push_back(KeyFilter::HashOf(shard, lot.events[position].event_key));
  }
  std::vector<const KeyFilter*> filter_of(partitions.size() + 1);  // nullptr: not in memory
  for (size_t p = 0; p < partitions.size(); ++p) {
    const auto filter = filters.find(partitions[p]);
    if (filter != filters.end()) filter_of[p] = filter->second.get();
  }
  std::vector<Probes> probes;
  for (size_t p = 0; p < partitions.size(); ++p) {
    const KeyFilter* const filter = filter_of[p];
    const KeyFilter* const next = filter_of[p + 1];
    Probes here = {.partition = partitions[p]};
    for (size_t i = 0; i < positions.size(); ++i) {
      // While this filter is asked the next one's bits come from memory (docs/decisions/0038).
      if (next != nullptr) next->Prefetch(hashes[i]);
      if (filter != nullptr && !filter->MayHold(hashes[i])) continue;
      here.positions.push_back(positions[i]);
      here.keys.push_back(lot.events[positions[i]].event_key);
    }
    if (!here.keys.empty()) probes.push_back(std::move(here));
  }
  return probes;
}

// Notes which of the events at `positions` a shard holds.
void AskShard(Connection& connection, const NewLot& lot, int32_t shard,
              absl::Span<const int> positions, const std::vector<int32_t>& partitions,
              const IdentityFilters::ByPartition& filters, LotRound* round) {
  const std::vector<Probes> probes = ProbesOf(lot, shard, positions, partitions, filters);
  if (probes.empty()) return;
  std::vector<std::unique_ptr<const MadeStatement>> statements;
  std::vector<Connection::Call> calls;
  for (const Probes& of_partition : probes) {
    statements.emplace_back(new MadeStatement(FindHeldIn(of_partition.partition)));
    calls.push_back(
        {statements.back()->get(), Parameters().Int4(shard).UuidArray(of_partition.keys)});
  }
  const std::vector<Result> found = connection.ExecutePipeline(calls);
  for (size_t p = 0; p < probes.size(); ++p) {
    for (int row = 0; row < found[p].row_count(); ++row) {
      const int position = probes[p].positions[found[p].Int4(row, 0) - 1];
      if (!round->is_new[position]) continue;
      round->is_new[position] = false;
      round->answer.held.push_back({.position = position, .content_digest = found[p].Int8(row, 1)});
    }
  }
}

// Nobody puts a key into a former shard any more, so that what is not found there now never will
// be; in the lot's own shard the open partition's key decides.
LotRound FindHeld(Connection& connection, const NewLot& lot,
                  const std::vector<int32_t>& own_partitions,
                  const std::vector<int32_t>& all_partitions,
                  const IdentityFilters::ByPartition& filters) {
  LotRound round;
  round.is_new.assign(lot.events.size(), true);
  std::vector<int> every(lot.events.size());
  std::iota(every.begin(), every.end(), 0);
  AskShard(connection, lot, lot.shard, every, own_partitions, filters, &round);
  for (const FormerShard& former : lot.former_shards) {
    AskShard(connection, lot, former.shard, former.positions, all_partitions, filters, &round);
  }
  std::sort(round.answer.held.begin(), round.answer.held.end(),
            [](const HeldEvent& a, const HeldEvent& b) { return a.position < b.position; });
  return round;
}

void AddIdentities(const NewLot& lot, const std::vector<bool>& is_new, Parameters* parameters) {
  // In key order: two writers of the same keys wait for each other, they do not deadlock.
  std::vector<int16_t> order;
  for (size_t i = 0; i < is_new.size(); ++i) {
    if (is_new[i]) order.push_back(static_cast<int16_t>(i));
  }
  std::sort(order.begin(), order.end(), [&lot](int16_t a, int16_t b) {
    return lot.events[a].event_key < lot.events[b].event_key;
  });
  std::vector<Uuid> keys;
  std::vector<int64_t> digests;
  std::vector<absl::Time> times;
  std::vector<int32_t> names, sources;
  std::vector<int16_t> usable;
  for (const int16_t position : order) {
    const NewIdentity& event = lot.events[position];
    keys.push_back(event.event_key);
    digests.push_back(event.content_digest);
    times.push_back(event.event_time);
    names.push_back(event.name_label);
    sources.push_back(event.source_label);
    usable.push_back(static_cast<int16_t>(event.usable));
  }
  parameters->UuidArray(keys).Int8Array(digests).TimeArray(times).Int4Array(names);
  parameters->Int4Array(sources).Int2Array(usable).Int2Array(order);
}

Connection::Call LotCall(const NewLot& lot, const std::vector<bool>& is_new, int64_t lot_id,
                         int32_t partition, const ServerLife& life) {
  lot.composer->EnterLife(life);
  absl::StatusOr<LotContents> contents = lot.composer->Compose(lot.shard, lot_id, is_new);
  if (!contents.ok()) throw StatusError(contents.status());
  const auto state = lot.suppressed ? DeliveryState::kSuppressed : DeliveryState::kPending;
  const auto queue = lot.suppressed ? Queue::kNone : Queue::kFresh;
  Parameters parameters;
  parameters.Int4(lot.shard).Int4(partition).Int8(lot_id);
  AddIdentities(lot, is_new, &parameters);
  parameters.Int2(static_cast<int16_t>(lot.events.size() - 1))
      .Int4(contents->event_count)
      .Int4(contents->json_bytes)
      .Int2(static_cast<int16_t>(state))
      .Int2(static_cast<int16_t>(queue))
      .Time(contents->oldest_event_time)
      .Bytes(contents->rollup)
      .Int8Array(contents->lookup_keys)
      .Bytes(contents->payload)
      .Int4Array(contents->piece_bounds);
  return {&kInsertLot, std::move(parameters)};
}

// A lot that is part of the pipeline.
struct PlacedLot {
  const NewLot* lot = nullptr;
  int64_t lot_id = 0;
  std::vector<bool> is_new;
};

// What a later filter of the partition is made of.
std::vector<AppendedKeys::KeysOfLot> KeysOf(const std::vector<PlacedLot>& committed) {
  std::vector<AppendedKeys::KeysOfLot> keys;
  for (const PlacedLot& placed : committed) {
    const NewLot& lot = *placed.lot;
    AppendedKeys::KeysOfLot& of_lot = keys.emplace_back();
    of_lot.lot = {.shard = lot.shard, .lot_id = placed.lot_id};
    for (size_t i = 0; i < lot.events.size(); ++i) {
      if (!placed.is_new[i]) continue;
      of_lot.keys.push_back(KeyFilter::HashOf(lot.shard, lot.events[i].event_key).block);
    }
  }
  return keys;
}

// Two group commits that share shards take their keys in one order, as long as each has one lot of
// a shard; of several that hold each other's keys, the database ends one, which is done again.
std::vector<size_t> ShardOrder(absl::Span<const NewLot> lots) {
  std::vector<size_t> order(lots.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&lots](size_t a, size_t b) { return lots[a].shard < lots[b].shard; });
  return order;
}

// What any of the lots was planned by: where it is the current one, all were.
int64_t OldestEpoch(absl::Span<const NewLot> lots) {
  int64_t oldest = lots.empty() ? 0 : lots[0].lane_epoch;
  for (const NewLot& lot : lots) oldest = std::min(oldest, lot.lane_epoch);
  return oldest;
}

}  // namespace

PostgresLedger::Partitions PostgresLedger::CurrentPartitions(Connection& connection) {
  {
    absl::MutexLock lock(&mutex_);
    if (partitions_.open != 0) return partitions_;
  }
  return ReadPartitions(connection);
}

PostgresLedger::Partitions PostgresLedger::ReadPartitions(Connection& connection) {
  const Result row = connection.Execute(kSelectPartitions, Parameters().Interval(kIdentityWindow));
  Partitions partitions{.open = row.Int4(0, 0),
                        .closed = row.Int4Array(0, 1),
                        .lane_epoch = row.Int8(0, 2),
                        .life = row.Text(0, 3)};
  absl::MutexLock lock(&mutex_);
  partitions_ = partitions;
  return partitions;
}

Connection::Call PostgresLedger::ListAppenderCall(int32_t partition) {
  return {&kListAppender,
          Parameters().Int4(partition).UuidValue(filters_.appended_keys().appender_id())};
}

void PostgresLedger::NoteListed(const Partitions& partitions) {
  absl::MutexLock lock(&mutex_);
  if (partitions_.open == partitions.open && partitions_.life == partitions.life) {
    partitions_.is_listed = true;
  }
}

int64_t PostgresLedger::TakeLotId(Connection& connection, const ServerLife& life) {
  {
    absl::MutexLock lock(&mutex_);
    if (lot_ids_.life == life && lot_ids_.next < lot_ids_.end) return lot_ids_.next++;
  }
  const Result row = connection.Execute(kTakeLotIds, Parameters().Int8(kLotIdBlock));
  const int64_t first = row.Int8(0, 0);
  absl::MutexLock lock(&mutex_);
  lot_ids_ = {.next = first + 1, .end = first + kLotIdBlock, .life = row.Text(0, 1)};
  return first;
}

bool PostgresLedger::TakeCareful() {
  absl::MutexLock lock(&mutex_);
  if (careful_appends_ == 0) return false;
  --careful_appends_;
  return true;
}

std::vector<AppendedLot> PostgresLedger::AppendOn(Connection& connection,
                                                  absl::Span<const NewLot> lots) {
  bool careful = TakeCareful();
  const int64_t lane_epoch = OldestEpoch(lots);
  Partitions partitions = CurrentPartitions(connection);
  for (int round = 0; round < kRoundsMax; ++round) {
    const std::shared_ptr<const IdentityFilters::ByPartition> filters =
        filters_.HeldIn(partitions.life);
    std::vector<int32_t> all_partitions = partitions.closed;
    all_partitions.push_back(partitions.open);
    std::vector<AppendedLot> answers(lots.size());
    std::vector<PlacedLot> placed;
    std::vector<Connection::Call> calls;
    calls.push_back({&kSharePartition,
                     Parameters().Int4(partitions.open).Int8(lane_epoch).Text(partitions.life)});
    for (const size_t index : ShardOrder(lots)) {
      LotRound known =
          FindHeld(connection, lots[index], careful ? all_partitions : partitions.closed,
                   all_partitions, *filters);
      if (known.answer.held.size() < lots[index].events.size()) {
        const int64_t lot_id = TakeLotId(connection, partitions.life);
        calls.push_back(
            LotCall(lots[index], known.is_new, lot_id, partitions.open, partitions.life));
        placed.push_back({&lots[index], lot_id, std::move(known.is_new)});
      }
      answers[index] = std::move(known.answer);
    }
    if (placed.empty()) return answers;
    if (!partitions.is_listed) calls.push_back(ListAppenderCall(partitions.open));
    AppendedKeys::UnderWay under_way(filters_.appended_keys(), partitions.life, partitions.open);
    try {
      connection.ExecutePipeline(calls);
      under_way.Committed(KeysOf(placed));
      if (!partitions.is_listed) NoteListed(partitions);
      return answers;
    } catch (const SqlError& error) {
      if (error.unique_violation()) {
        under_way.RolledBack();
        careful = true;
        absl::MutexLock lock(&mutex_);
        careful_appends_ = kCarefulAppends;
      } else if (error.sqlstate() == "22012") {
        under_way.RolledBack();
        partitions = ReadPartitions(connection);
        if (partitions.lane_epoch != lane_epoch) throw StatusError(LanesChangedError());
      } else {
        throw;
      }
    }
  }
  throw StatusError(absl::UnavailableError("the same events are being recorded by many at once"));
}

absl::StatusOr<std::vector<AppendedLot>> PostgresLedger::Append(absl::Span<const NewLot> lots) {
  if (lots.empty()) return std::vector<AppendedLot>();
  absl::StatusOr<std::vector<AppendedLot>> appended = WithConnection(
      append_pool_, [&](Connection& connection) { return AppendOn(connection, lots); });
  // The time of a statement of ours is over, not that of a caller.
  if (absl::IsDeadlineExceeded(appended.status())) {
    return absl::UnavailableError("the database took too long; repeating is safe");
  }
  return appended;
}

}  // namespace snapledger::storage
