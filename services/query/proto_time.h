#pragma once

#include <google/protobuf/util/time_util.h>

#include "absl/time/time.h"

namespace snapledger::query {

inline google::protobuf::Timestamp TimeToProto(absl::Time time) {
  return google::protobuf::util::TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(time));
}

}  // namespace snapledger::query
