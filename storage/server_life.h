#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace snapledger::storage {

// Which run of which database server a statement ran in: what was committed in it is there, as long
// as it lasts. Another life may be that of a standby that took over without the last transactions,
// or of a database that was restored. Asked for as
//   select pg_postmaster_start_time(), 'lot_id_block'::regclass::oid::bigint
struct ServerLife {
  absl::Time server_start;
  int64_t ledger_oid = 0;  // of a table of the ledger: another one when the schema is made anew

  friend bool operator==(const ServerLife&, const ServerLife&) = default;
};

}  // namespace snapledger::storage
