#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/audit_store.h"
#include "storage/change_store.h"
#include "storage/data_key_store.h"
#include "storage/delivery_store.h"
#include "storage/destination_store.h"
#include "storage/label_store.h"
#include "storage/ledger.h"
#include "storage/listing_store.h"
#include "storage/observation_store.h"
#include "storage/operator_store.h"
#include "storage/quality_store.h"
#include "storage/receipt_store.h"
#include "storage/value_store.h"

namespace snapledger::storage {

struct PostgresOptions {
  // Off where a proxy that pools by transaction stands between.
  bool prepared_statements = true;
  int append_connections_max = 4;
  int delivery_connections_max = 8;
  int query_connections_max = 8;
};

// Everything this process keeps in one database. Appending, delivering and all the rest take their
// connections from a pool each, so that none can starve another. Thread-safe.
class Postgres {
 public:
  // UNAVAILABLE, with the reason, where the database cannot be reached now. Does not look at the
  // schema: see Migrator.
  static absl::StatusOr<std::unique_ptr<Postgres>> Open(const std::string& url,
                                                        const PostgresOptions& options);
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;
  ~Postgres();

  DestinationStore& destinations();
  LabelStore& labels();
  DataKeyStore& data_keys();
  Ledger& ledger();
  IdentityPartitions& identity_partitions();
  DeliveryStore& deliveries();
  ChangeStore& changes();
  ListingStore& listings();
  OperatorStore& operator_acts();
  AuditStore& audit_log();
  ObservationStore& observations();
  ReceiptStore& receipts();
  QualityStore& quality();
  ValueStore& values();

 private:
  struct Stores;
  explicit Postgres(std::unique_ptr<Stores> stores);

  const std::unique_ptr<Stores> stores_;
};

}  // namespace snapledger::storage
