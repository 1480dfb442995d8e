#pragma once

#include <gmock/gmock.h>

#include "services/event/prepare.h"

namespace snapledger::event {

// Matches a Violation by field and reason.
inline auto Finding(const std::string& field, Reason reason) {
  return ::testing::AllOf(::testing::Field(&Violation::field, field),
                          ::testing::Field(&Violation::reason, reason));
}

}  // namespace snapledger::event
