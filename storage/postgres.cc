#include "storage/postgres.h"

#include <utility>

#include "storage/postgres_audit.h"
#include "storage/postgres_changes.h"
#include "storage/postgres_data_keys.h"
#include "storage/postgres_deliveries.h"
#include "storage/postgres_destinations.h"
#include "storage/postgres_identity.h"
#include "storage/postgres_labels.h"
#include "storage/postgres_ledger.h"
#include "storage/postgres_listing.h"
#include "storage/postgres_observations.h"
#include "storage/postgres_operators.h"
#include "storage/postgres_quality.h"
#include "storage/postgres_receipts.h"
#include "storage/postgres_values.h"
#include "storage/transaction.h"

namespace snapledger::storage {

namespace {

ConnectionOptions WithGenericPlans(ConnectionOptions options) {
  options.generic_plans = true;
  return options;
}

}  // namespace

struct Postgres::Stores {
  Stores(const ConnectionOptions& connection, const PostgresOptions& options)
      : append_pool({WithGenericPlans(connection), options.append_connections_max}),
        delivery_pool({WithGenericPlans(connection), options.delivery_connections_max}),
        query_pool({connection, options.query_connections_max}) {}

  ConnectionPool append_pool;
  ConnectionPool delivery_pool;
  ConnectionPool query_pool;
  PostgresDestinationStore destinations{query_pool};
  // Intake waits for these, at a new event name and once a day.
  PostgresLabelStore labels{append_pool};
  PostgresDataKeyStore data_keys{append_pool};
  IdentityFilters identity_filters;
  PostgresLedger ledger{append_pool, delivery_pool, identity_filters};
  PostgresIdentityPartitions identity_partitions{query_pool, identity_filters};
  PostgresDeliveryStore deliveries{query_pool};
  PostgresChangeStore changes{query_pool};
  PostgresListingStore listings{query_pool};
  PostgresOperatorStore operator_acts{query_pool};
  PostgresAuditStore audit_log{query_pool};
  PostgresObservationStore observations{query_pool};
  PostgresReceiptStore receipts{query_pool};
  PostgresQualityStore quality{query_pool};
  PostgresValueStore values{query_pool};
};

absl::StatusOr<std::unique_ptr<Postgres>> Postgres::Open(const std::string& url,
                                                         const PostgresOptions& options) {
  const ConnectionOptions connection = {url, options.prepared_statements};
  if (absl::Status reached = TryConnect(connection); !reached.ok()) return reached;
  return std::unique_ptr<Postgres>(new Postgres(std::make_unique<Stores>(connection, options)));
}

Postgres::Postgres(std::unique_ptr<Stores> stores) : stores_(std::move(stores)) {}
Postgres::~Postgres() = default;

DestinationStore& Postgres::destinations() { return stores_->destinations; }
LabelStore& Postgres::labels() { return stores_->labels; }
DataKeyStore& Postgres::data_keys() { return stores_->data_keys; }
Ledger& Postgres::ledger() { return stores_->ledger; }
IdentityPartitions& Postgres::identity_partitions() { return stores_->identity_partitions; }
DeliveryStore& Postgres::deliveries() { return stores_->deliveries; }
ChangeStore& Postgres::changes() { return stores_->changes; }
ListingStore& Postgres::listings() { return stores_->listings; }
OperatorStore& Postgres::operator_acts() { return stores_->operator_acts; }
AuditStore& Postgres::audit_log() { return stores_->audit_log; }
ObservationStore& Postgres::observations() { return stores_->observations; }
ReceiptStore& Postgres::receipts() { return stores_->receipts; }
QualityStore& Postgres::quality() { return stores_->quality; }
ValueStore& Postgres::values() { return stores_->values; }

}  // namespace snapledger::storage
