#pragma once

#include <string>

namespace snapledger::storage {

// Which run of which server a statement met, and which ledger there: what server_life() of the
// schema gives; "" is none. What was committed in a life, with synchronous_commit on, is there as
// long as it lasts. Another one may be that of a standby that took over without the last
// transactions, or of a database that was restored: what this process remembers of the one need not
// be true in the other.
using ServerLife = std::string;

}  // namespace snapledger::storage
