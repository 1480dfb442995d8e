#include "services/app/wiring.h"

#include <atomic>
#include <optional>
#include <string>
#include <utility>

#include "services/app/backlog_gauges.h"
#include "services/app/database.h"
#include "services/app/http_server.h"
#include "services/app/identity_memory.h"
#include "services/app/open_keys.h"
#include "services/app/receipt_gauges.h"
#include "services/app/serve_rules.h"
#include "services/base/clock.h"
#include "services/base/executor.h"
#include "services/base/log.h"
#include "services/base/metrics.h"
#include "services/base/periodic.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/destinations/destination_admin.h"
#include "services/destinations/destination_directory.h"
#include "services/dispatch/dispatcher.h"
#include "services/ingest/committer.h"
#include "services/ingest/ingest.h"
#include "services/labels/label_cache.h"
#include "services/maintenance/maintenance.h"
#include "services/matchrate/coverage_reader.h"
#include "services/matchrate/coverage_watch.h"
#include "services/matchrate/fitted_model.h"
#include "services/matchrate/match_model.h"
#include "services/matchrate/match_observations.h"
#include "services/matchrate/match_rate_simulation.h"
#include "services/matchrate/match_rates.h"
#include "services/matchrate/value_concentrations.h"
#include "services/matchrate/value_counter.h"
#include "services/operators/event_operations.h"
#include "services/quality/quality_fetcher.h"
#include "services/query/audit_log.h"
#include "services/query/list_attempts.h"
#include "services/query/list_events.h"
#include "services/query/page_token.h"
#include "services/query/query.h"
#include "services/reconciliation/receipt_reconciler.h"
#include "services/rpc/admin_service.h"
#include "services/rpc/conversion_service.h"
#include "services/rpc/open_watches.h"
#include "services/rpc/readiness.h"
#include "services/rpc/server.h"
#include "services/security/blind_index.h"
#include "services/security/envelope.h"
#include "services/security/key_file.h"
#include "services/snap/curl_client.h"
#include "services/snap/curl_quality_client.h"
#include "storage/postgres.h"

namespace snapledger::app {
namespace {

constexpr int kQueryThreads = 4;
constexpr size_t kQueriesWaitingMax = 256;
constexpr absl::Duration kRefreshInterval = absl::Seconds(1);
constexpr absl::Duration kHealthInterval = absl::Milliseconds(500);
constexpr absl::Duration kBacklogInterval = absl::Seconds(30);
// So often a process asks whether it is its turn; of a receipt interval.
constexpr int kReceiptTurnsPerInterval = 4;
// Then the last look is stale.
constexpr int kReceiptIntervalsMax = 3;
constexpr absl::Duration kWatchInterval = absl::Seconds(10);
constexpr absl::Duration kDrainPatience = absl::Seconds(10);
// Longer than a request takes by default: only where a destination's request_timeout is above it is
// a request cut whose answer might still have come. Short enough that the process ends within 15 s.
constexpr absl::Duration kSnapPatience = absl::Seconds(11);
// For watches whose callers do not read.
constexpr absl::Duration kWatchPatience = absl::Seconds(1);

}  // namespace

// The members stand in the order of their dependencies, so that they are destroyed against it:
// first what takes calls in, then intake, then delivery, last the database.
class Wiring::Parts {
 public:
  Parts(const Config& config, const Roles& roles, const Seams& seams,
        std::optional<absl::Duration> receipt_interval, std::unique_ptr<Database> database,
        std::unique_ptr<storage::Postgres> postgres, security::KeyRing keys)
      : receipt_age_max_(kReceiptIntervalsMax * receipt_interval.value_or(absl::ZeroDuration())),
        clock_(*seams.clock),
        database_(std::move(database)),
        postgres_(std::move(postgres)),
        ledger_seam_(seams.ledger ? seams.ledger(postgres_->ledger(), database_->url()) : nullptr),
        ledger_(ledger_seam_ ? *ledger_seam_ : postgres_->ledger()),
        keys_(std::move(keys)),
        envelope_(keys_, postgres_->data_keys(), clock_),
        directory_(postgres_->destinations(), envelope_),
        labels_(postgres_->labels()),
        blind_index_(keys_.lookup_key),
        page_tokens_(keys_.page_token_key),
        coverage_(postgres_->deliveries(), labels_),
        concentrations_(postgres_->values()),
        fitter_(postgres_->observations(), coverage_),
        readiness_(clock_),
        curl_({.base_url = config.snap_url, .ca_file = config.snap_ca}),
        snap_seam_(seams.snap ? seams.snap(curl_) : nullptr),
        snap_(snap_seam_ ? *snap_seam_ : curl_),
        quality_client_({.base_url = config.snap_quality_url, .ca_file = config.snap_ca}) {
    StartBackground(roles);
    if (roles.dispatch && receipt_interval.has_value()) StartReconciliation(*receipt_interval);
    if (roles.maintenance) StartFetchingQuality(config);
    BuildBackends(roles, IdentityFilterBytes(config).value_or(0));
  }

  absl::Status Serve(const Config& config) {
    const rpc::CallSurroundings surroundings{clock_, metrics_, *executor_};
    conversions_.emplace(
        rpc::ConversionService::Backends{
            ingest_ ? &*ingest_ : nullptr, query_ ? &*query_ : nullptr,
            events_ ? &*events_ : nullptr, attempts_ ? &*attempts_ : nullptr,
            match_rates_ ? &*match_rates_ : nullptr, simulation_ ? &*simulation_ : nullptr,
            watches_ ? &*watches_ : nullptr},
        surroundings, readiness_);
    admin_service_.emplace(rpc::AdminService::Backends{admin_ ? &*admin_ : nullptr,
                                                       operations_ ? &*operations_ : nullptr,
                                                       audit_log_ ? &*audit_log_ : nullptr,
                                                       observations_ ? &*observations_ : nullptr,
                                                       match_model_ ? &*match_model_ : nullptr},
                           page_tokens_, surroundings);
    SNAPLEDGER_ASSIGN_OR_RETURN(
        server_, rpc::Server::Start(config.listen, {&*conversions_, &*admin_service_}));
    if (!config.http_listen.empty()) {
      SNAPLEDGER_ASSIGN_OR_RETURN(http_, HttpServer::Start(config.http_listen, metrics_, [this] {
                                    return !drained_ && readiness_.Ready();
                                  }));
    }
    health_.emplace(base::Periodic::Options{"health", kHealthInterval}, [this] { ShowHealth(); });
    return absl::OkStatus();
  }

  absl::Status RefreshDirectory() {
    if (const absl::Status running = database_->EnsureRunning(); !running.ok()) return running;
    return directory_.Refresh();
  }

  // With another deployment's key file nothing stored could be read, and what is new would be
  // sealed under the wrong key.
  absl::Status CheckKeys() const {
    for (const destinations::DestinationPtr& destination : directory_.List()) {
      if (destination->stored.tokens.empty() || !destination->tokens.empty()) continue;
      return absl::InvalidArgumentError(base::Concat(
          "--key-file does not open the access tokens of ", destination->stored.destination_id,
          ": it is not the key file this database was written with"));
    }
    return absl::OkStatus();
  }

  void Drain(absl::Duration patience) {
    if (server_ == nullptr || drained_.exchange(true)) return;
    if (reconciler_) reconciler_->Stop();
    if (value_counter_) value_counter_->Stop();
    if (maintenance_) maintenance_->Stop();
    health_.reset();
    metrics_.SetReady(false);
    // Delivery ends while calls are finished: what is on its way to Snap is what takes longest.
    if (dispatcher_) dispatcher_->Stop();
    curl_.CutFrom(clock_.Monotonic() + kSnapPatience);
    server_->Drain();
    if (watches_) watches_->End(kWatchPatience);
    server_->Stop(patience);
  }

  ReadyNotice notice() const {
    return {server_->address(), http_ ? http_->address() : "", WithoutPassword(database_->url())};
  }

 private:
  void StartBackground(const Roles& roles) {
    if (roles.dispatch) {
      dispatcher_.emplace(dispatch::Dispatcher::Dependencies{ledger_, postgres_->destinations(),
                                                             directory_, envelope_, snap_, clock_},
                          dispatch::Dispatcher::Options{});
    }
    if (roles.maintenance) {
      maintenance_.emplace(
          maintenance::Maintenance::Dependencies{ledger_, postgres_->deliveries(),
                                                 postgres_->identity_partitions(), directory_},
          maintenance::Maintenance::Options{});
      coverage_watch_.emplace(directory_, coverage_, clock_, metrics_);
      watching_.emplace(base::Periodic::Options{"watch-coverage", kWatchInterval},
                        [this] { coverage_watch_->RunOnce(); });
      value_counter_.emplace(
          matchrate::ValueCounter::Dependencies{directory_, postgres_->values(),
                                                postgres_->listings(), envelope_, blind_index_},
          matchrate::ValueCounter::Options{});
      // Millions of events may be left to count, and no call waits for it.
      counting_.emplace(
          base::Periodic::Options{
              .name = "count-values", .interval = kWatchInterval, .gives_way = true},
          [this] { value_counter_->RunOnce(); });
    }
    refresh_.emplace(base::Periodic::Options{"refresh", kRefreshInterval}, [this] {
      const absl::Status refreshed = RefreshDirectory();
      readiness_.NoteProbe(refreshed);
    });
  }

  void StartReconciliation(absl::Duration interval) {
    reconciler_.emplace(reconciliation::ReceiptReconciler::Dependencies{postgres_->receipts(),
                                                                        ledger_, directory_, snap_},
                        reconciliation::ReceiptReconciler::Options{.interval = interval});
    receipts_.emplace(base::Periodic::Options{"receipts", interval / kReceiptTurnsPerInterval},
                      [this] { reconciler_->RunOnce(); });
  }

  void StartFetchingQuality(const Config& config) {
    if (!FetchesQuality(config)) {
      base::Log(base::Severity::kInfo,
                "quality scores are not fetched: --snap-quality-url is empty, or --snap-url is not "
                "Snap's own and --snap-quality-url was left as it is");
      return;
    }
    quality_fetcher_.emplace(directory_, postgres_->quality(), quality_client_,
                             quality::QualityFetcher::Options{
                                 .interval = QualityInterval(config).value_or(absl::Hours(1))});
  }

  void BuildBackends(const Roles& roles, size_t identity_filter_bytes) {
    const auto nudge = [this](const std::vector<int32_t>& shards) {
      if (dispatcher_) dispatcher_->Nudge(shards);
    };
    if (roles.ingest) {
      identity_memory_.emplace(postgres_->identity_partitions(), identity_filter_bytes, metrics_);
      committer_.emplace(ledger_, directory_, envelope_, ingest::Committer::Options{}, nudge);
      ingest_.emplace(directory_, labels_, *committer_, blind_index_, clock_,
                      ingest::Ingest::Options{});
    }
    if (roles.query) {
      query_.emplace(directory_, postgres_->deliveries(), postgres_->receipts(), receipt_age_max_,
                     envelope_, labels_, clock_);
      events_.emplace(directory_, postgres_->listings(), envelope_, labels_, blind_index_,
                      page_tokens_);
      attempts_.emplace(directory_, postgres_->deliveries(), postgres_->listings(), page_tokens_);
      match_rates_.emplace(
          directory_, coverage_, concentrations_,
          matchrate::MatchRates::Evidence{postgres_->observations(), postgres_->quality()}, fitter_,
          clock_);
      simulation_.emplace(directory_, coverage_, fitter_, clock_);
      watches_.emplace(query::WatchSources{directory_, postgres_->changes(), postgres_->listings(),
                                           envelope_, labels_, page_tokens_, clock_});
      backlog_.emplace(base::Periodic::Options{"backlog", kBacklogInterval}, [this] {
        ShowBacklog(*query_, clock_, metrics_);
        ShowReceipts(directory_, postgres_->receipts(), receipt_age_max_, metrics_);
      });
    }
    if (roles.ingest || roles.query) {
      admin_.emplace(postgres_->destinations(), envelope_, directory_, nudge);
      operations_.emplace(
          operators::EventOperations::Dependencies{directory_, postgres_->listings(),
                                                   postgres_->operator_acts(), envelope_, labels_,
                                                   nudge},
          operators::EventOperations::Options{});
      audit_log_.emplace(postgres_->audit_log(), page_tokens_);
      observations_.emplace(directory_, postgres_->observations(), page_tokens_, clock_);
      match_model_.emplace(directory_, coverage_, fitter_, clock_);
    }
    executor_.emplace(base::Executor::Options{
        .name = "query", .thread_count = kQueryThreads, .queue_limit = kQueriesWaitingMax});
  }

  void ShowHealth() {
    const bool ready = readiness_.Ready();
    if (ready != shown_ready_) {
      base::Log(ready ? base::Severity::kInfo : base::Severity::kError,
                ready ? "the ledger answers: accepting calls"
                      : "the ledger does not answer: not ready for calls");
    }
    shown_ready_ = ready;
    server_->SetReady(ready);
    metrics_.SetReady(ready);
  }

  const absl::Duration receipt_age_max_;
  const base::Clock& clock_;
  base::Metrics metrics_;
  const std::unique_ptr<Database> database_;
  const std::unique_ptr<storage::Postgres> postgres_;
  const std::unique_ptr<storage::Ledger> ledger_seam_;
  storage::Ledger& ledger_;
  const security::KeyRing keys_;
  security::Envelope envelope_;
  destinations::DestinationDirectory directory_;
  labels::LabelCache labels_;
  const security::BlindIndex blind_index_;
  const query::PageTokens page_tokens_;
  matchrate::CoverageReader coverage_;
  matchrate::ValueConcentrations concentrations_;
  matchrate::ModelFitter fitter_;
  rpc::Readiness readiness_;
  snap::CurlSnapClient curl_;
  const std::unique_ptr<snap::SnapClient> snap_seam_;
  snap::SnapClient& snap_;
  snap::CurlQualityClient quality_client_;
  std::optional<base::Periodic> refresh_;
  std::optional<maintenance::Maintenance> maintenance_;
  std::optional<quality::QualityFetcher> quality_fetcher_;
  std::optional<matchrate::CoverageWatch> coverage_watch_;
  std::optional<base::Periodic> watching_;
  std::optional<matchrate::ValueCounter> value_counter_;
  std::optional<base::Periodic> counting_;
  std::optional<dispatch::Dispatcher> dispatcher_;
  std::optional<reconciliation::ReceiptReconciler> reconciler_;
  std::optional<base::Periodic> receipts_;
  std::optional<IdentityMemory> identity_memory_;
  std::optional<ingest::Committer> committer_;
  std::optional<ingest::Ingest> ingest_;
  std::optional<query::Query> query_;
  std::optional<query::EventLister> events_;
  std::optional<query::AttemptLister> attempts_;
  std::optional<matchrate::MatchRates> match_rates_;
  std::optional<matchrate::MatchRateSimulation> simulation_;
  std::optional<rpc::OpenWatches> watches_;
  std::optional<base::Periodic> backlog_;
  std::optional<destinations::DestinationAdmin> admin_;
  std::optional<operators::EventOperations> operations_;
  std::optional<query::AuditLog> audit_log_;
  std::optional<matchrate::MatchObservations> observations_;
  std::optional<matchrate::MatchModel> match_model_;
  std::optional<base::Executor> executor_;
  std::optional<rpc::ConversionService> conversions_;
  std::optional<rpc::AdminService> admin_service_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<HttpServer> http_;
  std::optional<base::Periodic> health_;
  std::atomic<bool> drained_{false};
  bool shown_ready_ = false;
};

absl::StatusOr<std::unique_ptr<Wiring>> Wiring::Start(const Config& config, const Roles& roles,
                                                      const Seams& seams) {
  SNAPLEDGER_RETURN_IF_ERROR(CheckDatabaseSetting(config.database));
  SNAPLEDGER_ASSIGN_OR_RETURN(security::KeyRing keys, OpenKeys(config.key_file, config.database));
  SNAPLEDGER_ASSIGN_OR_RETURN(auto database, Database::Open(config.database));
  SNAPLEDGER_RETURN_IF_ERROR(database->EnsureSchema());
  SNAPLEDGER_ASSIGN_OR_RETURN(
      auto postgres, storage::Postgres::Open(
                         database->url(), {.prepared_statements = !config.unprepared_statements}));
  SNAPLEDGER_ASSIGN_OR_RETURN(const auto receipt_interval, ReceiptInterval(config));
  auto parts = std::make_unique<Parts>(config, roles, seams, receipt_interval, std::move(database),
                                       std::move(postgres), std::move(keys));
  SNAPLEDGER_RETURN_IF_ERROR(parts->RefreshDirectory());
  SNAPLEDGER_RETURN_IF_ERROR(parts->CheckKeys());
  SNAPLEDGER_RETURN_IF_ERROR(parts->Serve(config));
  return std::unique_ptr<Wiring>(new Wiring(std::move(parts)));
}

Wiring::Wiring(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Wiring::~Wiring() { parts_->Drain(kDrainPatience); }

ReadyNotice Wiring::notice() const { return parts_->notice(); }

void Wiring::Drain(absl::Duration patience) { parts_->Drain(patience); }

}  // namespace snapledger::app
