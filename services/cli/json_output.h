#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace snapledger::cli {

// A message as proto3 JSON, fields without a value included; on one line or indented.
std::string JsonOf(const google::protobuf::Message& message, bool indented);

// A time as people read it, "2026-11-23 16:00:00Z"; "-" where it is not set.
std::string TimeText(bool present, int64_t seconds);

// An enum value without the prefix of its type: DELIVERED for DELIVERY_STATE_DELIVERED.
std::string ShortName(const std::string& value_name, const std::string& type_prefix);

}  // namespace snapledger::cli
