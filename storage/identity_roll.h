#pragma once

#include "storage/connection.h"

namespace snapledger::storage {

// Waits for the appends under way and keeps others from beginning until this transaction ends; for
// those who then change the row all appends share. Row locks alone would not do: who shares a row
// does not queue behind who waits for it alone, so that busy writers could keep it waiting for
// ever.
void HoldAppends(Connection& connection);

// Appends planned before this transaction commits fail from then on (IsLanesChanged). Holds them.
void AdvanceLaneEpoch(Connection& connection);

}  // namespace snapledger::storage
