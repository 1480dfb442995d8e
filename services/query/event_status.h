#pragma once

#include <string>
#include <string_view>

#include "snapledger/v1/delivery.pb.h"
#include "storage/delivery_store.h"

namespace snapledger::query {

// What stands in a lot about one event, for its status; empty where the payload cannot be read.
struct EventTexts {
  std::string event_name;
  std::string order_id;
  std::string source;
};

// The status of one event as GetEvent shows it, its history merged in the order of time. Pure.
void ToProto(const storage::EventRow& row, const EventTexts& texts, v1::EventStatus* status);

// Reads the order id out of an event's frozen Snap JSON; empty where there is none.
std::string OrderIdOf(std::string_view snap_event_json);

}  // namespace snapledger::query
