#include "tests/tidy/folder_rules.h"

#include <algorithm>

namespace snapledger::tidy {
namespace {

constexpr std::string_view kApi = "snapledger/v1/";
constexpr std::string_view kBase = "services/base/";
constexpr std::string_view kDestinations = "services/destinations/";
constexpr std::string_view kEvent = "services/event/";
constexpr std::string_view kErrorMessages = "google/rpc/";
constexpr std::string_view kIngest = "services/ingest/";
constexpr std::string_view kLabels = "services/labels/";
constexpr std::string_view kLots = "services/lots/";
constexpr std::string_view kMatchrate = "services/matchrate/";
constexpr std::string_view kQuery = "services/query/";
constexpr std::string_view kSecurity = "services/security/";
constexpr std::string_view kSnap = "services/snap/";
constexpr std::string_view kStorage = "storage/";

// What storage/ offers to services: interfaces and rows, nothing that knows PostgreSQL.
constexpr std::string_view kAuditStore = "storage/audit_store.h";
constexpr std::string_view kChangeStore = "storage/change_store.h";
constexpr std::string_view kDataKeyStore = "storage/data_key_store.h";
constexpr std::string_view kDeliveryStore = "storage/delivery_store.h";
constexpr std::string_view kDestinationStore = "storage/destination_store.h";
constexpr std::string_view kLabelStore = "storage/label_store.h";
constexpr std::string_view kLedger = "storage/ledger.h";
constexpr std::string_view kListingStore = "storage/listing_store.h";
constexpr std::string_view kObservationStore = "storage/observation_store.h";
constexpr std::string_view kOperatorStore = "storage/operator_store.h";
constexpr std::string_view kQualityStore = "storage/quality_store.h";
constexpr std::string_view kRandomUuid = "storage/random_uuid.h";
constexpr std::string_view kReceiptStore = "storage/receipt_store.h";
constexpr std::string_view kRollup = "storage/rollup.h";
constexpr std::string_view kTypes = "storage/types.h";
constexpr std::string_view kValueStore = "storage/value_store.h";

// The lookup of an event by its identifiers is made of the hashed event.
constexpr std::string_view kHashedEvent = "services/event/conversion_event.h";

}  // namespace

const std::vector<FolderRule>& FolderRules() {
  static const auto* const rules = new std::vector<FolderRule>{
      {"services/app/",
       {"services/cli/", "services/dispatch/", "services/maintenance/", "services/operators/",
        "services/quality/", "services/reconciliation/", "services/rpc/", kApi, kBase,
        kDestinations, kIngest, kLabels, kMatchrate, kQuery, kSecurity, kSnap, kStorage}},
      {"services/bench/",
       {"services/cli/", "services/emulator/", kApi, kBase, kEvent, kIngest, kSecurity, kSnap,
        kStorage}},
      {"services/cli/", {kApi, kBase, kErrorMessages}},
      {"services/rpc/",
       {"services/operators/", kApi, kBase, kDestinations, kErrorMessages, kIngest, kMatchrate,
        kQuery, kSecurity}},
      {kIngest,
       {kApi, kBase, kDestinations, kEvent, kLabels, kLots, kSecurity, kSnap, kLabelStore, kLedger,
        kRollup, kTypes}},
      {"services/dispatch/",
       {kBase, kDestinations, kEvent, kLots, kSecurity, kSnap, kDestinationStore, kLedger,
        kRandomUuid, kRollup, kTypes}},
      {"services/maintenance/",
       {kBase, kDestinations, kDeliveryStore, kDestinationStore, kLedger, kTypes}},
      {"services/reconciliation/",
       {kBase, kDestinations, kSnap, kDestinationStore, kLedger, kReceiptStore, kTypes}},
      {kMatchrate,
       {kApi, kBase, kDestinations, kEvent, kLabels, kLots, kQuery, kSecurity, kDeliveryStore,
        kListingStore, kObservationStore, kQualityStore, kRandomUuid, kRollup, kTypes,
        kValueStore}},
      {"services/quality/",
       {kBase, kDestinations, kSnap, kQualityStore, kDestinationStore, kTypes}},
      {kQuery,
       {kApi, kBase, kDestinations, kEvent, kLabels, kLots, kSecurity, kAuditStore, kChangeStore,
        kDeliveryStore, kDestinationStore, kListingStore, kRandomUuid, kReceiptStore, kRollup,
        kTypes}},
      {kDestinations, {kApi, kBase, kEvent, kSecurity, kDestinationStore, kTypes}},
      {"services/operators/",
       {kApi, kBase, kDestinations, kEvent, kLabels, kLots, kQuery, kSecurity, kDeliveryStore,
        kDestinationStore, kListingStore, kOperatorStore, kRandomUuid, kRollup, kTypes}},
      {kLabels, {kBase, kLabelStore, kTypes}},
      {kLots, {kBase, kEvent, kSecurity, kLedger, kRollup, kTypes}},
      {kSecurity, {kBase, kHashedEvent, kDataKeyStore, kTypes}},
      {kSnap, {kBase, kEvent}},
      {kEvent, {kBase}},
      {"services/emulator/", {kBase}},
      {kBase, {}},
      {kStorage, {}},
  };
  return *rules;
}

const FolderRule* RuleFor(std::string_view path) {
  const std::vector<FolderRule>& rules = FolderRules();
  const auto rule = std::find_if(rules.begin(), rules.end(), [path](const FolderRule& candidate) {
    return path.starts_with(candidate.folder);
  });
  return rule == rules.end() ? nullptr : &*rule;
}

const std::vector<LibraryRule>& LibraryRules() {
  static const auto* const rules = new std::vector<LibraryRule>{
      {"pqxx/", {}, "libpq is the one database client"},
      {"libpq-fe.h", {kStorage}, "only storage/ speaks to PostgreSQL"},
      {"curl/", {"services/snap/curl_", "tests/"}, "only the client of Snap speaks HTTP with curl"},
      {"grpcpp/",
       {"services/rpc/", "services/cli/", "services/app/", "services/bench/", "tests/"},
       "gRPC ends at the RPC layer"},
      {".grpc.pb.h",
       {"services/rpc/", "services/cli/", "services/bench/", "tests/"},
       "gRPC ends at the RPC layer"},
      {"google/protobuf/",
       {"services/rpc/", "services/cli/", "services/app/", kIngest, kQuery, kMatchrate,
        kDestinations, "tests/"},
       "messages end where a request becomes our own types"},
      {"storage/made_statement.h",
       {"storage/identity_groups.h", "storage/postgres_append.cc"},
       "SQL whose text is made holds nothing but numbers of ours: say why here"},
      {"storage/postgres",
       {kStorage, "services/app/", "tests/"},
       "name the interface; services/app says what stands behind it"},
  };
  return *rules;
}

const std::vector<LibraryRule>& LinkedLibraryRules() {
  static const auto* const rules = new std::vector<LibraryRule>{
      {"pqxx", {}, "libpq is the one database client"},
      {"PostgreSQL::", {kStorage}, "only storage/ speaks to PostgreSQL"},
      {"CURL::", {kSnap, "tests/"}, "only the client of Snap speaks HTTP with curl"},
      {"gRPC::",
       {"proto/", "services/rpc/", "services/cli/", "services/app/", "services/bench/", "tests/"},
       "gRPC ends at the RPC layer"},
      {"GTest::", {"tests/"}, "no test code in the service"},
  };
  return *rules;
}

bool StartsWithAny(std::string_view path, const std::vector<std::string_view>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [path](std::string_view beginning) { return path.starts_with(beginning); });
}

}  // namespace snapledger::tidy
