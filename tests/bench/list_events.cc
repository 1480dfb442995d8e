// list_events_bench FOLDER EVENTS MEAN_LOT_SIZE: fills an embedded database (durable settings) with
// events of one destination and prints how long the first page of ListEvents takes by each filter,
// beside GetEvent in the same run. FOLDER must be empty and one that the system user of PostgreSQL
// can enter.

#include "services/query/list_events.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/event/event_key.h"
#include "services/event/sha256.h"
#include "services/query/query.h"
#include "storage/embedded_cluster.h"
#include "storage/migrator.h"
#include "storage/postgres.h"
#include "storage/random_uuid.h"
#include "storage/rollup.h"
#include "storage/transaction.h"
#include "tests/bench/or_throw.h"

namespace snapledger::bench {
namespace {

constexpr char kDestination[] = "11111111-2222-4333-8444-555555555555";
constexpr int kRepetitions = 25;
constexpr int kEventsPerStatement = 10'000;
constexpr int64_t kRareEvery = 20'000;
constexpr int kEventsPerPerson = 5;

constexpr storage::Statement kInsertLots = {
    "bench_lots",
    "insert into lot (shard, lot_id, first_position, last_position, event_count, json_bytes, state,"
    "   queue, next_attempt_time, received_time, oldest_event_time, first_sent_time, final_time,"
    "   in_doubt_since, exceptional_state, rollup)"
    " select $1, id, 0, n - 1, n, n * 500, s, case s when 1 then 1 when 3 then 2 else 0 end, t, t,"
    "   t, case when s > 1 then t end, case when s > 3 then t end, case when s in (3, 7) then t "
    "end,"
    "   case when s > 4 then s end, r"
    " from unnest($2::bigint[], $3::smallint[], $4::smallint[], $5::timestamptz[], $6::bytea[])"
    "   k (id, n, s, t, r)"};
constexpr storage::Statement kInsertPayloads = {
    "bench_payloads",
    "insert into lot_payload select $1, k.* from unnest($2::bigint[], $3::bytea[]) k"};
// Each lot's keys follow each other in one array; $4 says where each ends.
constexpr storage::Statement kInsertLookups = {
    "bench_lookups",
    "insert into lot_lookup select $1, id, ($3::bigint[])[coalesce(lag(e) over (order by id), 0)"
    "   + 1:e] from unnest($2::bigint[], $4::int[]) k (id, e)"};
constexpr storage::Statement kInsertIdentities = {
    "bench_identities",
    "insert into identity (shard, partition_number, lot_id, event_key, position, event_time,"
    "   content_digest, name_label, source_label, usable)"
    " select $1, 1, k.*, now(), 0, 1, 0, 1 from unnest($2::bigint[], $3::uuid[], $4::smallint[]) "
    "k"};
// What was sent, in requests of 2000 events; all of it in flight where `open`.
constexpr storage::Statement kTakeLots = {
    "bench_take",
    "update lot l set last_attempt_id = k.attempt, attempt_count = 1,"
    "   state = case when $4 then 2 else l.state end, queue = case when $4 then 0 else l.queue end,"
    "   lease_end_time = case when $4 then now() + '1 h' end"
    " from unnest($2::bigint[], $3::uuid[]) k (id, attempt) where l.shard = $1 and l.lot_id = "
    "k.id"};
constexpr storage::Statement kInsertBatches = {
    "bench_batches",
    "insert into batch select attempt, $1, 2000, array_agg(id), array_agg(0::smallint),"
    "   array_agg((n - 1)::smallint), array_agg(1::bigint), array_agg(null::uuid)"
    " from unnest($2::bigint[], $3::uuid[], $4::smallint[]) k (id, attempt, n) group by attempt"};
constexpr storage::Statement kInsertAttempts = {
    "bench_attempts",
    "insert into attempt (shard, attempt_id, batch_id, sent_time, lease_end_time, recorded_time,"
    "   event_count, outcome, from_state, to_state, body_sha256, token_id)"
    " select distinct $1, attempt, attempt, now(), now() + '1 h', case when not $3 then now() end,"
    "   2000, case when $3 then 0 else 1 end, 1, case when $3 then 2 else 4 end, ''::bytea, 't'"
    " from unnest($2::uuid[]) attempt"};
constexpr storage::Statement kNewestWaiting = {
    "bench_newest",
    "select lot_id, event_count::smallint from lot where shard = $1 and queue = 1"
    " order by received_time desc limit $2"};

std::string EventId(int64_t event) { return absl::StrCat("event-", event); }
std::string OrderId(int64_t event) { return absl::StrCat("order-", event); }
std::string Email(int64_t event) {
  return absl::StrCat("person", event / kEventsPerPerson, "@example.com");
}

std::string JsonOf(int64_t event, const event::Sha256Digest& email) {
  std::string json = absl::StrCat(
      R"({"event_name":"PURCHASE","event_time":1780000000,"action_source":"WEB",)"
      R"("event_source_url":"https://shop.example.com/checkout/thank-you?step=3","event_id":")",
      EventId(event), R"(","integration":"snapledger","user_data":{"em":[")");
  event::AppendSha256Hex(email, &json);
  absl::StrAppend(
      &json,
      R"("],"client_ip_address":"203.0.113.9","client_user_agent":"Mozilla/5.0 (X11; )"
      R"(Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"},)",
      R"("custom_data":{"value":19.90,"currency":"EUR","order_id":")", OrderId(event), R"("}})");
  return json;
}

// The rows of some lots, for one statement each.
struct Rows {
  std::vector<int64_t> lot_ids, identity_lots, keys;
  std::vector<int16_t> counts, states, positions;
  std::vector<int32_t> key_ends;
  std::vector<absl::Time> times;
  std::vector<std::string> rollups, payloads;
  std::vector<storage::Uuid> event_keys;
};

class Bench {
 public:
  Bench(const std::string& folder, int64_t event_count, int mean_lot_size)
      : event_count_(event_count), mean_lot_size_(mean_lot_size) {
    cluster_ = Take(storage::EmbeddedCluster::Start(folder + "/postgres", {}));
    Check(storage::Migrator(cluster_->url()).Migrate().status());
    postgres_ = Take(storage::Postgres::Open(cluster_->url(), {}));
    pool_.emplace(storage::ConnectionPool::Options{.connection = {.url = cluster_->url()}});
    Check(security::CreateKeyFile(folder + "/keys"));
    keys_ = Take(security::LoadKeyFile(folder + "/keys"));
    envelope_.emplace(keys_, postgres_->data_keys(), base::Clock::Real());
    directory_.emplace(postgres_->destinations(), *envelope_);
    labels_.emplace(postgres_->labels());
    shard_ = Take(postgres_->destinations().Create({.destination_id = kDestination, .kind = 1},
                                                   "somebody"))
                 .shards.at(0);
    Check(directory_->Refresh());
    rare_label_ = Take(labels_->Number(storage::LabelKind::kEventName, "rare_name"));
    site_label_ = Take(labels_->Number(storage::LabelKind::kSource, "site"));
    till_label_ = Take(labels_->Number(storage::LabelKind::kSource, "till"));
  }

  void Fill() {
    const absl::Time begin = absl::Now();
    for (int64_t event = 0; event < event_count_;) {
      Rows rows;
      for (int64_t in_statement = 0; in_statement < kEventsPerStatement && event < event_count_;) {
        const int size = static_cast<int>(
            std::min<int64_t>(event_count_ - event, 1 + Random(2 * mean_lot_size_ - 1)));
        AddLot(event, size, &rows);
        event += size;
        in_statement += size;
      }
      Insert(rows);
    }
    SendNewest();
    Script("vacuum analyze");
    std::printf("lots of %d: %lld events in %lld lots, filled in %.0f s\n", mean_lot_size_,
                static_cast<long long>(event_count_), static_cast<long long>(lots_),
                absl::ToDoubleSeconds(absl::Now() - begin));
  }

  void Measure() {
    query::Query query(*directory_, postgres_->deliveries(), postgres_->receipts(),
                       absl::Minutes(10), *envelope_, *labels_, base::Clock::Real());
    const double get_event = MedianMilliseconds([&] {
      v1::GetEventRequest request;
      request.set_destination(kDestination);
      request.set_event_id(EventId(Random(event_count_)));
      v1::GetEventResponse response;
      Check(query.GetEvent(request, &response));
    });
    std::printf("%-34s %9.2f ms\n", "GetEvent", get_event);
    for (const auto& [name, request] : Questions()) {
      MeasureFirstPage(name, request, get_event);
    }
  }

 private:
  int64_t Random(int64_t below) { return static_cast<int64_t>(random_() % below); }

  // Mostly delivered; the newest wait.
  int16_t StateOf(int64_t event) {
    if (event > event_count_ - event_count_ / 200) return 1;
    const int64_t share = Random(1000);
    if (share < 10) return 5;
    if (share < 13) return 6;
    if (share < 15) return 3;
    return share < 16 ? 7 : 4;
  }

  void AddLot(int64_t first_event, int size, Rows* rows) {
    const int64_t lot_id = ++lots_;
    std::string raw_lot;
    storage::Rollup rollup;
    std::vector<int64_t> keys;
    for (int i = 0; i < size; ++i) {
      const int64_t event = first_event + i;
      const event::Sha256Digest email = event::Sha256(Email(event));
      event::FrameHeader header = {.event_time_seconds = 1'780'000'000,
                                   .name_label = static_cast<int32_t>(1 + Random(4)),
                                   .source_label = Random(20) == 0 ? till_label_ : site_label_,
                                   .supplied = static_cast<uint16_t>(1 + Random(8)),
                                   .usable = 1};
      if (event % kRareEvery == 0) header.name_label = rare_label_;
      event::AppendFrame(header, JsonOf(event, email), &raw_lot);
      ++rollup[{.name_label = header.name_label,
                .source_label = header.source_label,
                .action_source = 1,
                .supplied = header.supplied,
                .usable = header.usable}];
      keys.push_back(blind_index_.OrderId(OrderId(event)));
      keys.push_back(
          blind_index_.Identifier(event::IdentifierKind::kEmail,
                                  {reinterpret_cast<const char*>(email.data()), email.size()}));
      // What else a real event has: a phone and a click id.
      keys.push_back(static_cast<int64_t>(random_()));
      keys.push_back(static_cast<int64_t>(random_()));
      rows->identity_lots.push_back(lot_id);
      rows->positions.push_back(static_cast<int16_t>(i));
      rows->event_keys.push_back(event::MakeEventKey(EventId(event)));
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    rows->keys.insert(rows->keys.end(), keys.begin(), keys.end());
    rows->key_ends.push_back(static_cast<int32_t>(rows->keys.size()));
    rows->lot_ids.push_back(lot_id);
    rows->counts.push_back(static_cast<int16_t>(size));
    rows->states.push_back(StateOf(first_event));
    rows->times.push_back(start_ + first_event * absl::Milliseconds(2));
    rows->rollups.push_back(storage::PackRollup(rollup));
    rows->payloads.push_back(Take(envelope_->SealLot(raw_lot, {shard_, lot_id})));
  }

  void Insert(const Rows& rows) {
    using storage::Parameters;
    const auto first = [&] { return Parameters().Int4(shard_).Int8Array(rows.lot_ids); };
    Parameters lots = first();
    lots.Int2Array(rows.counts).Int2Array(rows.states).TimeArray(rows.times);
    Parameters payloads = first();
    Parameters lookups = first();
    Parameters identities = Parameters().Int4(shard_).Int8Array(rows.identity_lots);
    const std::vector<storage::Connection::Call> calls = {
        {&kInsertLots, lots.BytesArray(rows.rollups)},
        {&kInsertPayloads, payloads.BytesArray(rows.payloads)},
        {&kInsertLookups, lookups.Int8Array(rows.keys).Int4Array(rows.key_ends)},
        {&kInsertIdentities, identities.UuidArray(rows.event_keys).Int2Array(rows.positions)}};
    Run([&](storage::Connection& connection) {
      connection.ExecutePipeline(calls);
      std::vector<int64_t> sent_lots;
      std::vector<int16_t> sent_counts;
      for (size_t i = 0; i < rows.lot_ids.size(); ++i) {
        if (rows.states[i] == 1) continue;
        sent_lots.push_back(rows.lot_ids[i]);
        sent_counts.push_back(rows.counts[i]);
      }
      Send(connection, sent_lots, sent_counts, /*open=*/false);
    });
  }

  // Lots and their sizes, as requests.
  void Send(storage::Connection& connection, const std::vector<int64_t>& lot_ids,
            const std::vector<int16_t>& counts, bool open) {
    using storage::Parameters;
    std::vector<storage::Uuid> attempts;
    int events = 0;
    for (const int16_t count : counts) {
      const bool first = attempts.empty() || events + count > storage::kLotEventsMax;
      attempts.push_back(first ? storage::RandomUuid() : storage::Uuid(attempts.back()));
      events = (first ? 0 : events) + count;
    }
    const auto lots = [&] {
      return Parameters().Int4(shard_).Int8Array(lot_ids).UuidArray(attempts);
    };
    connection.Execute(kTakeLots, lots().Bool(open));
    connection.Execute(kInsertBatches, lots().Int2Array(counts));
    connection.Execute(kInsertAttempts, Parameters().Int4(shard_).UuidArray(attempts).Bool(open));
  }

  void SendNewest() {
    Run([&](storage::Connection& connection) {
      const storage::Result newest = connection.Execute(
          kNewestWaiting,
          storage::Parameters().Int4(shard_).Int8(std::max(1, 2000 / mean_lot_size_)));
      std::vector<int64_t> lot_ids;
      std::vector<int16_t> counts;
      for (int row = 0; row < newest.row_count(); ++row) {
        lot_ids.push_back(newest.Int8(row, 0));
        counts.push_back(newest.Int2(row, 1));
      }
      Send(connection, lot_ids, counts, /*open=*/true);
    });
  }

  struct Question {
    std::string name;
    v1::ListEventsRequest request;
  };

  // Every filter of the call, and some together.
  std::vector<Question> Questions() {
    std::vector<Question> questions;
    const auto ask = [&](const std::string& name) -> v1::ListEventsRequest& {
      Question& question = questions.emplace_back();
      question.name = name;
      question.request.set_destination(kDestination);
      return question.request;
    };
    ask("no filter");
    for (const v1::DeliveryState state :
         {v1::DELIVERY_STATE_PENDING, v1::DELIVERY_STATE_IN_FLIGHT, v1::DELIVERY_STATE_IN_DOUBT,
          v1::DELIVERY_STATE_DELIVERED, v1::DELIVERY_STATE_REJECTED, v1::DELIVERY_STATE_EXPIRED,
          v1::DELIVERY_STATE_EXPIRED_IN_DOUBT, v1::DELIVERY_STATE_CANCELED}) {
      ask("state " + v1::DeliveryState_Name(state).substr(15)).add_states(state);
    }
    v1::ListEventsRequest& under_way = ask("states PENDING, IN_DOUBT, REJECTED");
    for (const v1::DeliveryState state :
         {v1::DELIVERY_STATE_PENDING, v1::DELIVERY_STATE_IN_DOUBT, v1::DELIVERY_STATE_REJECTED}) {
      under_way.add_states(state);
    }
    ask("event name, one in four").add_event_names("PURCHASE");
    ask("event name, one in 20,000").add_event_names("rare_name");
    ask("source, one in 20").add_sources("till");
    v1::ListEventsRequest& name_and_state = ask("event name of REJECTED");
    name_and_state.add_event_names("PURCHASE");
    name_and_state.add_states(v1::DELIVERY_STATE_REJECTED);
    v1::ListEventsRequest& range = ask("received in an old minute");
    const int64_t middle = absl::ToUnixSeconds(start_) + event_count_ / 1000;
    range.mutable_received()->mutable_start_time()->set_seconds(middle);
    range.mutable_received()->mutable_end_time()->set_seconds(middle + 60);
    ask("order id").set_order_id(OrderId(event_count_ / 3));
    ask("order id nobody has").set_order_id("order-x");
    v1::ListEventsRequest& person = ask("person");
    person.set_identifier_kind(v1::IDENTIFIER_KIND_EMAIL);
    person.mutable_identifier()->set_raw(Email(event_count_ / 3));
    return questions;
  }

  void MeasureFirstPage(const std::string& name, const v1::ListEventsRequest& request,
                        double get_event) {
    query::EventLister lister(*directory_, postgres_->listings(), *envelope_, *labels_,
                              blind_index_, page_tokens_);
    size_t events = 0;
    const double page = MedianMilliseconds([&] {
      v1::ListEventsResponse response;
      Check(lister.List(request, &response));
      events = static_cast<size_t>(response.events_size());
    });
    std::printf("%-34s %9.2f ms  %7.1f x GetEvent  %3zu events\n", name.c_str(), page,
                page / get_event, events);
    std::fflush(stdout);
  }

  static double MedianMilliseconds(const std::function<void()>& call) {
    std::vector<double> times;
    for (int i = 0; i < kRepetitions; ++i) {
      const absl::Duration begin = base::Clock::Real().Monotonic();
      call();
      times.push_back(absl::ToDoubleMilliseconds(base::Clock::Real().Monotonic() - begin));
    }
    std::nth_element(times.begin(), times.begin() + kRepetitions / 2, times.end());
    return times[kRepetitions / 2];
  }

  template <typename Body>
  void Run(Body body) {
    Check(storage::RunTransaction(*pool_, storage::TransactionKind::kReadWrite,
                                  [&](storage::Connection& connection) {
                                    body(connection);
                                    return true;
                                  })
              .status());
  }

  void Script(const char* script) {
    Check(storage::WithConnection(*pool_, [&](storage::Connection& connection) {
            connection.ExecuteScript("set statement_timeout = 0");
            connection.ExecuteScript(script);
            return true;
          }).status());
  }

  const int64_t event_count_;
  const int mean_lot_size_;
  const absl::Time start_ = absl::Now() - event_count_ * absl::Milliseconds(2);
  std::mt19937_64 random_{7};
  int64_t lots_ = 0;
  std::unique_ptr<storage::EmbeddedCluster> cluster_;
  std::unique_ptr<storage::Postgres> postgres_;
  std::optional<storage::ConnectionPool> pool_;
  security::KeyRing keys_;
  std::optional<security::Envelope> envelope_;
  std::optional<destinations::DestinationDirectory> directory_;
  std::optional<labels::LabelCache> labels_;
  const security::BlindIndex blind_index_{keys_.lookup_key};
  const query::PageTokens page_tokens_{keys_.page_token_key};
  int32_t shard_ = 0, rare_label_ = 0, site_label_ = 0, till_label_ = 0;
};

}  // namespace
}  // namespace snapledger::bench

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: list_events_bench FOLDER EVENTS MEAN_LOT_SIZE\n");
    return 2;
  }
  snapledger::bench::Bench bench(argv[1], std::atoll(argv[2]), std::atoi(argv[3]));
  bench.Fill();
  bench.Measure();
  return 0;
}
