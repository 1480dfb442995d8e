#pragma once

#include <rapidjson/document.h>

#include <string>

#include "services/event/lot_codec.h"
#include "snapledger/v1/delivery.pb.h"
#include "storage/delivery_store.h"
#include "storage/listing_store.h"

namespace snapledger::query {

// What an event calls itself, for its status; empty where the payload cannot be read.
struct EventTexts {
  std::string event_id;
  std::string event_name;
  std::string order_id;
  std::string source;
};

// The status of one event as GetEvent shows it, its history merged in the order of time. Pure.
void ToProto(const storage::EventRow& row, const EventTexts& texts, v1::EventStatus* status);

// The status of one event of a slice as lists show it: without its history. Pure.
void ToProto(const storage::SliceRow& slice, const event::FrameHeader& header,
             const EventTexts& texts, v1::EventStatus* status);

// The same of an event whose payload cannot be read. Pure.
void UnreadableToProto(const storage::SliceRow& slice, v1::EventStatus* status);

// One request to Snap. Pure.
void ToProto(const storage::AttemptRow& row, v1::Attempt* attempt);

// The event id and the order id out of an event's frozen Snap JSON; names and sources are labels.
EventTexts TextsOf(const rapidjson::Document& snap_event);

}  // namespace snapledger::query
