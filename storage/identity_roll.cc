#include "storage/identity_roll.h"

namespace snapledger::storage {
namespace {

constexpr Statement kHoldAppends = {"hold_appends", "lock table identity_roll in exclusive mode"};

constexpr Statement kAdvanceLaneEpoch = {
    "advance_lane_epoch", "update identity_roll set lane_epoch = lane_epoch + 1 where id = 1"};

}  // namespace

void HoldAppends(Connection& connection) { connection.Execute(kHoldAppends); }

void AdvanceLaneEpoch(Connection& connection) {
  HoldAppends(connection);
  connection.Execute(kAdvanceLaneEpoch);
}

}  // namespace snapledger::storage
