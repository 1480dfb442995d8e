#include "services/destinations/destination_proto.h"

#include <google/protobuf/util/time_util.h>

#include "services/destinations/destination_settings.h"

namespace snapledger::destinations {
namespace {

using google::protobuf::util::TimeUtil;

google::protobuf::Timestamp TimeToProto(absl::Time time) {
  return TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(time));
}

void ToProto(const storage::DestinationToken& token, v1::DestinationToken* message) {
  message->set_token_id(token.token_id);
  *message->mutable_create_time() = TimeToProto(token.create_time);
  if (token.last_success_time) {
    *message->mutable_last_success_time() = TimeToProto(*token.last_success_time);
  }
  if (token.last_failure_time) {
    *message->mutable_last_failure_time() = TimeToProto(*token.last_failure_time);
  }
}

}  // namespace

void ToProto(const storage::Destination& destination, v1::Destination* message) {
  message->set_destination_id(destination.destination_id);
  message->set_kind(static_cast<v1::DestinationKind>(destination.kind));
  message->set_display_name(destination.display_name);
  SettingsToProto(destination.settings, message->mutable_settings());
  message->set_paused(destination.pause_kind != storage::PauseKind::kNone);
  message->set_paused_reason(destination.paused_reason);
  for (const storage::DestinationToken& token : destination.tokens) {
    ToProto(token, message->add_tokens());
  }
  *message->mutable_create_time() = TimeToProto(destination.create_time);
  *message->mutable_update_time() = TimeToProto(destination.update_time);
}

}  // namespace snapledger::destinations
