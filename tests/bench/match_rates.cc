// match_rates_bench SNAPLEDGER [ROUNDS]: starts the service (the program at that path) on an
// embedded database with durable settings, records and delivers real events, puts the coverage of
// 90 days of 5 sources with 6 event names each beside them, and times GetMatchRates of these days,
// by day, with every identifier, in turn with GetEvent, both as RPCs one at a time. Once with 100 M
// events, once with 10 M in the same counter rows, once with 100 M in twice the sets of
// identifiers.

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/clock.h"
#include "services/bench/client.h"
#include "services/bench/deployment.h"
#include "services/bench/latencies.h"
#include "services/bench/payload_corpus.h"
#include "services/event/identifier_kind.h"
#include "snapledger/v1/conversion_service.grpc.pb.h"
#include "storage/postgres_deliveries.h"
#include "storage/postgres_labels.h"
#include "storage/rollup.h"
#include "storage/transaction.h"
#include "tests/bench/or_throw.h"

namespace snapledger::bench {
namespace {

constexpr int kDays = 90;
constexpr int kHoursADay = 24;
constexpr int kNames = 6;
constexpr int kSources = 5;
// A set in so many comes a second time, with an identifier supplied that is not usable.
constexpr int kUnusableEvery = 5;
constexpr int kEventsPerCall = 500;
constexpr int64_t kDelivered = 20'000;  // real events, folded
// Real events nobody folded yet: two minutes of 100 M in 90 days.
constexpr int64_t kRecent = 1'500;
constexpr int kGetEventsARound = 300;
constexpr int kMatchRatesARound = 60;

constexpr storage::Statement kShardOf = {
    "bench_shard_of",
    "select s.shard from shard s join destination d"
    "   on d.destination_number = s.destination_number where d.destination_id = $1"};
constexpr storage::Statement kInsertRollups = {
    "bench_rollups",
    "insert into coverage_rollup (shard, stage, grain, period_start, name_label, source_label,"
    "   action_source, sets)"
    " select $1, 1, $2, $3, k.*"
    " from unnest($4::int[], $5::int[], $6::smallint[], $7::bytea[]) k"};
constexpr storage::Statement kCountRollups = {
    "bench_count_rollups",
    "select count(*), sum(octet_length(sets))::bigint from coverage_rollup where shard = $1"
    "   and stage = 1 and grain = $2"};

void CheckCall(const grpc::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.error_message());
}

// What one measurement is of.
struct Case {
  const char* name;
  int64_t events;
  int sets_a_group;
};

// Sets as they come: some identifiers nearly everywhere, others with few.
std::vector<event::IdentifierMask> MakeSets(int count, std::mt19937_64* random) {
  using event::IdentifierKind;
  const std::pair<IdentifierKind, int> percents[] = {
      {IdentifierKind::kEmail, 70},    {IdentifierKind::kPhone, 40},
      {IdentifierKind::kClickId, 45},  {IdentifierKind::kIpAndUserAgent, 90},
      {IdentifierKind::kCookie1, 50},  {IdentifierKind::kExternalId, 30},
      {IdentifierKind::kCountry, 60},  {IdentifierKind::kZip, 20},
      {IdentifierKind::kLastName, 20}, {IdentifierKind::kFirstName, 20}};
  std::set<event::IdentifierMask> sets;
  while (sets.size() < static_cast<size_t>(count)) {
    event::IdentifierMask mask = 0;
    for (const auto& [kind, percent] : percents) {
      if (static_cast<int>((*random)() % 100) < percent) {
        mask = static_cast<event::IdentifierMask>(mask | event::MaskOf(kind));
      }
    }
    sets.insert(mask);
  }
  return {sets.begin(), sets.end()};
}

// One name and source: its sets, and how many events each has in an average hour.
struct Group {
  storage::RollupCounts sets;
  std::vector<double> weights;
};

class Bench {
 public:
  explicit Bench(const std::string& program) : corpus_(1, absl::Now()) {
    options_.service_program = program;
    deployment_ = Take(Deployment::Start(options_));
    pool_.emplace(
        storage::ConnectionPool::Options{.connection = {.url = deployment_->database().url()}});
    StartService("ingest,query,dispatch");
    Check(client_->CreateDestinations());
    shard_ = Take(storage::WithConnection(*pool_, [](storage::Connection& connection) {
      return connection.Execute(kShardOf, storage::Parameters().Text(kPixelId)).Int4(0, 0);
    }));
    Record("history0", kDelivered);
    deployment_->sink().AwaitEvents(kDelivered, absl::Minutes(1));
    while (Take(client_->DeliveredCount()) < kDelivered) continue;
    Fold();
    // From here on nobody folds.
    StartService("ingest,query");
    Record("recent00", kRecent);
  }

  void Measure(const Case& measured, int rounds) {
    Script("delete from coverage_rollup where period_start < date_trunc('day', now(), 'UTC')");
    Fill(measured);
    Script("vacuum analyze");
    std::vector<double> get_event, match_rates;
    double least = 0, most = 0;
    for (int round = 0; round < rounds; ++round) {
      const std::vector<double> events = GetEvents(round);
      const std::vector<double> rates = GetMatchRates(measured);
      const double ratio = PercentilesOf(rates).p50_ms / PercentilesOf(events).p50_ms;
      least = round == 0 ? ratio : std::min(least, ratio);
      most = std::max(most, ratio);
      get_event.insert(get_event.end(), events.begin(), events.end());
      match_rates.insert(match_rates.end(), rates.begin(), rates.end());
    }
    Print(measured, PercentilesOf(get_event), PercentilesOf(match_rates), least, most);
  }

  static void PrintHead() {
    std::printf(
        "| events | day rows, sets in them | hour rows | answer | GetEvent p50, p99 |"
        " GetMatchRates p50, p99 | ratio of p50 (rounds) | of p99 |\n"
        "|---|---|---|---|---|---|---|---|\n");
  }

 private:
  void StartService(const char* roles) {
    client_.reset();
    Check(deployment_->StartService(roles));
    const std::string& address = deployment_->service().address();
    client_ = std::make_unique<Client>(address, corpus_);
    stub_ = v1::ConversionService::NewStub(
        grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  }

  void Record(const char* phase, int64_t events) {
    Check(client_
              ->Record({.phase = phase,
                        .events_per_call = kEventsPerCall,
                        .shape = {.calls = events / kEventsPerCall, .concurrency = 4}})
              .status());
  }

  // As if all that was recorded had happened three minutes ago.
  void Fold() {
    Script(
        "update lot set received_time = received_time - interval '3 minutes';"
        "update attempt set sent_time = sent_time - interval '3 minutes',"
        "  recorded_time = recorded_time - interval '3 minutes'");
    storage::PostgresDeliveryStore deliveries(*pool_);
    while (Take(deliveries.Compact(shard_)).behind) continue;
  }

  std::vector<Group> MakeGroups(int sets_a_group, std::mt19937_64* random) const {
    // What a name and source has is a part of what there is altogether.
    const std::vector<event::IdentifierMask> all = MakeSets(2 * sets_a_group, random);
    std::vector<Group> groups(kNames * kSources);
    for (Group& group : groups) {
      std::vector<event::IdentifierMask> usable = all;
      std::shuffle(usable.begin(), usable.end(), *random);
      usable.resize(static_cast<size_t>(sets_a_group));
      storage::Rollup sets;
      for (size_t i = 0; i < usable.size(); ++i) {
        sets[{.supplied = usable[i], .usable = usable[i]}] = 0;
        const auto more =
            static_cast<uint16_t>(usable[i] | event::MaskOf(event::IdentifierKind::kGender));
        if (i % kUnusableEvery == 0) sets[{.supplied = more, .usable = usable[i]}] = 0;
      }
      group.sets.assign(sets.begin(), sets.end());
      // The second most frequent half as frequent as the first, and so on.
      for (size_t i = 1; i <= group.sets.size(); ++i) {
        group.weights.push_back(1 / static_cast<double>(i));
      }
      std::shuffle(group.weights.begin(), group.weights.end(), *random);
    }
    return groups;
  }

  // Every set of every group in every hour, at least once, and altogether exactly as many events.
  void Fill(const Case& measured) {
    std::mt19937_64 random(7);
    const std::vector<Group> groups = MakeGroups(measured.sets_a_group, &random);
    double weight_an_hour = 0;
    int64_t keys_an_hour = 0;
    for (const Group& group : groups) {
      for (const double weight : group.weights) weight_an_hour += weight;
      keys_an_hour += static_cast<int64_t>(group.sets.size());
    }
    constexpr int kHours = kDays * kHoursADay;
    const auto free_events = static_cast<double>(measured.events - kHours * keys_an_hour);
    double weight = 0;
    int64_t given = 0;
    for (int day = 0; day < kDays; ++day) {
      std::vector<Group> sums = groups;
      for (int hour = 0; hour < kHoursADay; ++hour) {
        std::vector<Group> counts = groups;
        for (size_t g = 0; g < groups.size(); ++g) {
          for (size_t i = 0; i < groups[g].sets.size(); ++i) {
            weight += groups[g].weights[i];
            const auto until =
                static_cast<int64_t>(free_events * weight / (kHours * weight_an_hour) + 0.5);
            counts[g].sets[i].second = 1 + until - given;
            sums[g].sets[i].second += 1 + until - given;
            given = until;
          }
        }
        Insert(storage::CoverageGrain::kHour, Day(day) + absl::Hours(hour), counts);
      }
      Insert(storage::CoverageGrain::kDay, Day(day), sums);
    }
  }

  absl::Time Day(int day) const { return today_ - absl::Hours(kHoursADay) * (kDays - day); }

  void Insert(storage::CoverageGrain grain, absl::Time start, const std::vector<Group>& groups) {
    std::vector<int32_t> names, sources;
    std::vector<int16_t> action_sources;
    std::vector<std::string> sets;
    for (size_t g = 0; g < groups.size(); ++g) {
      names.push_back(Label(storage::LabelKind::kEventName, "name", g % kNames));
      sources.push_back(Label(storage::LabelKind::kSource, "source", g / kNames));
      action_sources.push_back(1);
      sets.push_back(storage::PackSets(groups[g].sets));
    }
    storage::Parameters parameters;
    parameters.Int4(shard_).Int2(static_cast<int16_t>(grain)).Time(start);
    parameters.Int4Array(names).Int4Array(sources).Int2Array(action_sources).BytesArray(sets);
    Check(storage::WithConnection(*pool_, [&](storage::Connection& connection) {
            connection.Execute(kInsertRollups, parameters);
            return true;
          }).status());
  }

  int32_t Label(storage::LabelKind kind, const char* word, size_t number) {
    const std::string text = absl::StrCat(word, number);
    const auto found = label_numbers_.find(text);
    if (found != label_numbers_.end()) return found->second;
    storage::PostgresLabelStore labels(*pool_);
    return label_numbers_[text] = Take(labels.FindOrInsert(kind, text));
  }

  std::vector<double> GetEvents(int round) {
    std::mt19937_64 random(static_cast<uint64_t>(round));
    std::vector<double> times;
    for (int i = 0; i < kGetEventsARound; ++i) {
      const auto event = static_cast<int64_t>(random() % kDelivered);
      v1::GetEventRequest request;
      request.set_destination(PayloadCorpus::DestinationOf(event / kEventsPerCall));
      request.set_event_id(corpus_.EventId("history0", event));
      v1::GetEventResponse response;
      times.push_back(Milliseconds([&] {
        grpc::ClientContext context;
        CheckCall(stub_->GetEvent(&context, request, &response));
      }));
      if (response.event().state() != v1::DELIVERY_STATE_DELIVERED) {
        throw std::runtime_error("GetEvent found another state");
      }
    }
    return times;
  }

  std::vector<double> GetMatchRates(const Case& measured) {
    v1::GetMatchRatesRequest request;
    request.set_destination(kPixelId);
    request.mutable_received()->mutable_start_time()->set_seconds(absl::ToUnixSeconds(Day(0)));
    request.add_group_by(v1::GROUPING_DAY);
    std::vector<double> times;
    for (int i = 0; i < kMatchRatesARound; ++i) {
      v1::GetMatchRatesResponse response;
      times.push_back(Milliseconds([&] {
        grpc::ClientContext context;
        CheckCall(stub_->GetMatchRates(&context, request, &response));
      }));
      CheckAnswer(response, measured);
    }
    return times;
  }

  void CheckAnswer(const v1::GetMatchRatesResponse& response, const Case& measured) {
    int64_t events = 0;
    for (const v1::MatchRateRow& row : response.rows()) {
      if (row.period_start().seconds() < absl::ToUnixSeconds(today_)) events += row.eligible();
    }
    if (events != measured.events || response.rows_size() <= kDays) {
      throw std::runtime_error(absl::StrCat("GetMatchRates counts ", events, " events in ",
                                            response.rows_size(), " rows"));
    }
    answer_bytes_ = response.ByteSizeLong();
  }

  template <typename Call>
  static double Milliseconds(Call call) {
    const absl::Duration begin = base::Clock::Real().Monotonic();
    call();
    return absl::ToDoubleMilliseconds(base::Clock::Real().Monotonic() - begin);
  }

  void Print(const Case& measured, const Percentiles& get_event, const Percentiles& match_rates,
             double least, double most) {
    const auto [days, day_bytes] = CountRollups(storage::CoverageGrain::kDay);
    const auto [hours, hour_bytes] = CountRollups(storage::CoverageGrain::kHour);
    std::printf(
        "| %s | %lld, %lld | %lld | %.2f MB | %.2f, %.2f ms | %.1f, %.1f ms |"
        " %.1f (%.1f-%.1f) | %.1f |\n",
        measured.name, static_cast<long long>(days), static_cast<long long>(day_bytes / 12),
        static_cast<long long>(hours), static_cast<double>(answer_bytes_) / 1e6, get_event.p50_ms,
        get_event.p99_ms, match_rates.p50_ms, match_rates.p99_ms,
        match_rates.p50_ms / get_event.p50_ms, least, most, match_rates.p99_ms / get_event.p99_ms);
    std::fflush(stdout);
  }

  std::pair<int64_t, int64_t> CountRollups(storage::CoverageGrain grain) {
    return Take(storage::WithConnection(*pool_, [&](storage::Connection& connection) {
      const storage::Result counts = connection.Execute(
          kCountRollups, storage::Parameters().Int4(shard_).Int2(static_cast<int16_t>(grain)));
      return std::pair(counts.Int8(0, 0), counts.Int8(0, 1));
    }));
  }

  void Script(const char* script) {
    Check(storage::WithConnection(*pool_, [&](storage::Connection& connection) {
            connection.ExecuteScript("set statement_timeout = 0");
            connection.ExecuteScript(script);
            return true;
          }).status());
  }

  const absl::Time today_ =
      absl::UnixEpoch() + absl::Floor(absl::Now() - absl::UnixEpoch(), absl::Hours(kHoursADay));
  Options options_;
  const PayloadCorpus corpus_;
  std::unique_ptr<Deployment> deployment_;
  std::optional<storage::ConnectionPool> pool_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<v1::ConversionService::Stub> stub_;
  std::map<std::string, int32_t> label_numbers_;
  int32_t shard_ = 0;
  size_t answer_bytes_ = 0;
};

}  // namespace
}  // namespace snapledger::bench

int main(int argc, char** argv) {
  using snapledger::bench::Bench;
  if (argc != 2 && argc != 3) {
    std::fprintf(stderr, "usage: match_rates_bench SNAPLEDGER [ROUNDS]\n");
    return 2;
  }
  // Caught, so that the database ends with the program.
  try {
    const int rounds = argc == 3 ? std::atoi(argv[2]) : 5;
    Bench bench(std::filesystem::absolute(argv[1]));
    Bench::PrintHead();
    bench.Measure({.name = "100 M", .events = 100'000'000, .sets_a_group = 36}, rounds);
    bench.Measure({.name = "10 M", .events = 10'000'000, .sets_a_group = 36}, rounds);
    bench.Measure({.name = "100 M, twice the sets", .events = 100'000'000, .sets_a_group = 72},
                  rounds);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
